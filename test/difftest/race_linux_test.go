//go:build race

package main

func init() { slowdown, share = 15, 8 }
