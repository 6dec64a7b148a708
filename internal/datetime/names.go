package datetime

var weekdayNames = [7]string{"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"}

var monthNames = [12]string{
	"January", "February", "March", "April", "May", "June",
	"July", "August", "September", "October", "November", "December",
}

// Full and short names.
var (
	quarterNames = [4]string{"1st quarter|Q1", "2nd quarter|Q2", "3rd quarter|Q3", "4th quarter|Q4"}
	eraNames     = [2]string{"Before Christ|BC", "Anno Domini|AD"}
	amPmNames    = [2]string{"AM|AM", "PM|PM"}
)

// WeekdayName returns the short English name of a weekday: Mon for 0 to Sun for 6.
func WeekdayName(weekday int) string { return weekdayNames[weekday][:3] }

// MonthName returns the short English name of a month: Jan for 1 to Dec for 12.
func MonthName(month int) string { return monthNames[month-1][:3] }
