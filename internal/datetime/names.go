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

// WeekdayName gives the short English name, Mon to Sun, of 0 to 6.
func WeekdayName(weekday int) string { return weekdayNames[weekday][:3] }

// MonthName gives the short English name, Jan to Dec, of 1 to 12.
func MonthName(month int) string { return monthNames[month-1][:3] }
