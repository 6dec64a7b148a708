package state

import (
	"encoding/json"
	"errors"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/streamctl/streamctl/internal/atomicfile"
	"github.com/streamctl/streamctl/internal/sparkerr"
	"github.com/streamctl/streamctl/internal/storage"
)

// operatorFile is the contents of an operator's metadata, after a line with the version.
type operatorFile struct {
	Info struct {
		ID   int    `json:"operatorId"`
		Name string `json:"operatorName"`
	} `json:"operatorInfo"`
	Stores []storeFile `json:"stateStoreInfo"`
}

type storeFile struct {
	Name       string `json:"storeName"`
	PrefixKeys int    `json:"numColsPrefixKey"`
	Partitions int    `json:"numPartitions"`
}

const metadataVersion = "v1"

// metadataPath returns the name of an operator's metadata.
func metadataPath(dir string, operator int) string {
	return filepath.Join(dir, strconv.Itoa(operator), "_metadata", "metadata")
}

func (op *Operator) metadata(id int) []byte {
	var f operatorFile
	f.Info.ID, f.Info.Name = id, op.Name
	for _, l := range op.Stores {
		f.Stores = append(f.Stores, storeFile{l.Name, l.PrefixKeys, op.Partitions})
	}
	text, _ := json.Marshal(f) // numbers and names of stores: never fails
	return append([]byte(metadataVersion+"\n"), text...)
}

func parseMetadata(data []byte) (*operatorFile, error) {
	version, text, _ := strings.Cut(string(data), "\n")
	if version != metadataVersion {
		return nil, errors.New("its first line is not " + metadataVersion + ": another state store or version of Spark wrote it")
	}
	var f operatorFile
	if err := json.Unmarshal([]byte(text), &f); err != nil {
		return nil, errors.New(sparkerr.Reason(err))
	}
	if f.Info.Name == "" || len(f.Stores) == 0 {
		return nil, errors.New("it does not name the operator and its stores")
	}
	for _, s := range f.Stores {
		if s.Name == "" || s.Name != filepath.Base(s.Name) || strings.HasPrefix(s.Name, ".") || s.Partitions < 1 || s.Partitions > maxPartitions {
			return nil, errors.New("it does not describe its stores")
		}
	}
	return &f, nil
}

// maxPartitions is the largest number of partitions of an operator that is believed.
const maxPartitions = 1 << 20

// readMetadata returns the operators that are stored in dir, by id.
func readMetadata(fsys storage.FS, dir string) (map[int]*operatorFile, error) {
	names, err := storage.Names(fsys, dir)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	found := map[int]*operatorFile{}
	for _, name := range names {
		id, ok := atomicfile.ID(name)
		if !ok {
			continue
		}
		path := metadataPath(dir, int(id))
		data, err := atomicfile.Read(fsys, path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		if found[int(id)], err = parseMetadata(data); err != nil {
			return nil, damagedDescription(path, err)
		}
	}
	return found, nil
}

// damagedDescription returns the error for a metadata or schema file.
func damagedDescription(path string, why error) error {
	return sparkerr.Plain("the state file %s is damaged: %s", path, why.Error()).WithHint("%s", restore)
}
