package datetime

// zoneNameTable holds the English region names that pattern letters z and zzzz print: standard and daylight time, short and
// long, as in Java 17. Where zones share a name, the first row with that name decides which zone the name means in a text,
// namely the row's first id.
var zoneNameTable = []struct {
	standard, daylight, standardLong, daylightLong string
	ids                                            string
}{
	{"IST", "", "Irish Standard Time", "British Summer Time", "Africa/Abidjan"}, // how Java parses them
	{"GMT", "GMT", "Greenwich Mean Time", "Greenwich Mean Time",
		"Africa/Abidjan Africa/Bamako Africa/Banjul Africa/Bissau Africa/Conakry Africa/Dakar Africa/Freetown " +
			"Africa/Lome Africa/Monrovia Africa/Nouakchott Africa/Ouagadougou Africa/Sao_Tome Africa/Timbuktu " +
			"America/Danmarkshavn Atlantic/Reykjavik Atlantic/St_Helena Etc/GMT Etc/GMT+0 Etc/GMT-0 Etc/GMT0 Etc/Greenwich " +
			"GMT GMT0 Greenwich Iceland"},
	{"EAST", "EASST", "Easter Island Standard Time", "Easter Island Summer Time", "Pacific/Easter Chile/EasterIsland"},
	{"CET", "CEST", "Central European Standard Time", "Central European Summer Time",
		"Europe/Paris Africa/Algiers Africa/Ceuta Africa/Tunis Arctic/Longyearbyen Atlantic/Jan_Mayen Europe/Amsterdam " +
			"Europe/Andorra Europe/Belgrade Europe/Berlin Europe/Bratislava Europe/Brussels Europe/Budapest Europe/Busingen " +
			"Europe/Copenhagen Europe/Gibraltar Europe/Ljubljana Europe/Luxembourg Europe/Madrid Europe/Malta Europe/Monaco " +
			"Europe/Oslo Europe/Podgorica Europe/Prague Europe/Rome Europe/San_Marino Europe/Sarajevo Europe/Skopje " +
			"Europe/Stockholm Europe/Tirane Europe/Vaduz Europe/Vatican Europe/Vienna Europe/Warsaw Europe/Zagreb " +
			"Europe/Zurich Poland"},
	{"WAT", "WAST", "West Africa Standard Time", "West Africa Summer Time",
		"Africa/Lagos Africa/Bangui Africa/Brazzaville Africa/Douala Africa/Kinshasa Africa/Libreville Africa/Luanda " +
			"Africa/Malabo Africa/Ndjamena Africa/Niamey Africa/Porto-Novo"},
	{"CAT", "CAST", "Central Africa Time", "Central African Summer Time",
		"Africa/Maputo Africa/Blantyre Africa/Bujumbura Africa/Gaborone Africa/Harare Africa/Juba Africa/Khartoum " +
			"Africa/Kigali Africa/Lubumbashi Africa/Lusaka"},
	{"EET", "EEST", "Eastern European Standard Time", "Eastern European Summer Time",
		"Europe/Bucharest Africa/Cairo Africa/Tripoli Asia/Amman Asia/Beirut Asia/Damascus Asia/Gaza Asia/Hebron " +
			"Asia/Nicosia Egypt Europe/Athens Europe/Chisinau Europe/Helsinki Europe/Kaliningrad Europe/Kiev Europe/Kyiv " +
			"Europe/Mariehamn Europe/Nicosia Europe/Riga Europe/Sofia Europe/Tallinn Europe/Tiraspol Europe/Uzhgorod " +
			"Europe/Vilnius Europe/Zaporozhye Libya"},
	{"WET", "WEST", "Western European Standard Time", "Western European Summer Time",
		"Atlantic/Canary Atlantic/Faeroe Atlantic/Faroe Atlantic/Madeira Europe/Lisbon Portugal"},
	{"SAST", "SAST", "South Africa Standard Time", "South Africa Summer Time", "Africa/Johannesburg Africa/Maseru Africa/Mbabane"},
	{"HST", "HDT", "Hawaii-Aleutian Standard Time", "Hawaii-Aleutian Daylight Time", "Pacific/Honolulu US/Hawaii"},
	{"AKST", "AKDT", "Alaska Standard Time", "Alaska Daylight Time",
		"America/Juneau America/Anchorage America/Metlakatla America/Nome America/Sitka America/Yakutat US/Alaska"},
	{"AST", "ADT", "Atlantic Standard Time", "Atlantic Daylight Time",
		"America/Halifax America/Anguilla America/Antigua America/Aruba America/Barbados America/Blanc-Sablon " +
			"America/Curacao America/Dominica America/Glace_Bay America/Goose_Bay America/Grenada America/Guadeloupe " +
			"America/Kralendijk America/Lower_Princes America/Marigot America/Martinique America/Moncton America/Montserrat " +
			"America/Port_of_Spain America/Puerto_Rico America/Santo_Domingo America/St_Barthelemy America/St_Kitts " +
			"America/St_Lucia America/St_Thomas America/St_Vincent America/Thule America/Tortola America/Virgin " +
			"Atlantic/Bermuda Canada/Atlantic"},
	{"BRT", "BRST", "Brasilia Standard Time", "Brasilia Summer Time",
		"America/Sao_Paulo America/Araguaina America/Bahia America/Belem America/Fortaleza America/Maceio " +
			"America/Recife America/Santarem Brazil/East"},
	{"ART", "ARST", "Argentina Standard Time", "Argentina Summer Time",
		"America/Argentina/Buenos_Aires America/Argentina/Catamarca America/Argentina/ComodRivadavia " +
			"America/Argentina/Cordoba America/Argentina/Jujuy America/Argentina/La_Rioja America/Argentina/Mendoza " +
			"America/Argentina/Rio_Gallegos America/Argentina/Salta America/Argentina/San_Juan America/Argentina/San_Luis " +
			"America/Argentina/Tucuman America/Argentina/Ushuaia America/Buenos_Aires America/Catamarca America/Cordoba " +
			"America/Jujuy America/Mendoza America/Rosario"},
	{"PYT", "PYST", "Paraguay Standard Time", "Paraguay Summer Time", "America/Asuncion"},
	{"EST", "EDT", "Eastern Standard Time", "Eastern Daylight Time",
		"America/New_York America/Atikokan America/Cancun America/Cayman America/Coral_Harbour America/Detroit " +
			"America/Fort_Wayne America/Grand_Turk America/Indiana/Indianapolis America/Indiana/Marengo " +
			"America/Indiana/Petersburg America/Indiana/Vevay America/Indiana/Vincennes America/Indiana/Winamac " +
			"America/Indianapolis America/Iqaluit America/Jamaica America/Kentucky/Louisville America/Kentucky/Monticello " +
			"America/Louisville America/Montreal America/Nassau America/Nipigon America/Panama America/Pangnirtung " +
			"America/Port-au-Prince America/Thunder_Bay America/Toronto Canada/Eastern EST5EDT Jamaica US/East-Indiana " +
			"US/Eastern US/Michigan"},
	{"CST", "CDT", "Central Standard Time", "Central Daylight Time",
		"America/Chicago America/Bahia_Banderas America/Belize America/Chihuahua America/Costa_Rica America/El_Salvador " +
			"America/Guatemala America/Indiana/Knox America/Indiana/Tell_City America/Knox_IN America/Managua " +
			"America/Matamoros America/Menominee America/Merida America/Mexico_City America/Monterrey " +
			"America/North_Dakota/Beulah America/North_Dakota/Center America/North_Dakota/New_Salem America/Ojinaga " +
			"America/Rainy_River America/Rankin_Inlet America/Regina America/Resolute America/Swift_Current " +
			"America/Tegucigalpa America/Winnipeg CST6CDT Canada/Central Canada/Saskatchewan Mexico/General US/Central " +
			"US/Indiana-Starke"},
	{"AMT", "AMST", "Amazon Standard Time", "Amazon Summer Time",
		"America/Manaus America/Boa_Vista America/Campo_Grande America/Cuiaba America/Porto_Velho Brazil/West"},
	{"COT", "COST", "Colombia Standard Time", "Colombia Summer Time", "America/Bogota"},
	{"MST", "MDT", "Mountain Standard Time", "Mountain Daylight Time",
		"America/Denver America/Boise America/Cambridge_Bay America/Ciudad_Juarez America/Creston America/Dawson " +
			"America/Dawson_Creek America/Edmonton America/Fort_Nelson America/Inuvik America/Phoenix America/Shiprock " +
			"America/Whitehorse America/Yellowknife Canada/Mountain Canada/Yukon MST7MDT Navajo US/Arizona US/Mountain"},
	{"VET", "VEST", "Venezuela Time", "Venezuela Summer Time", "America/Caracas"},
	{"GFT", "GFST", "French Guiana Time", "French Guiana Summer Time", "America/Cayenne"},
	{"ACT", "ACST", "Acre Standard Time", "Acre Summer Time", "America/Rio_Branco America/Eirunepe America/Porto_Acre Brazil/Acre"},
	{"PST", "PDT", "Pacific Standard Time", "Pacific Daylight Time",
		"America/Los_Angeles America/Ensenada America/Tijuana America/Vancouver Canada/Pacific Mexico/BajaNorte PST8PDT " +
			"US/Pacific"},
	{"WGT", "WGST", "West Greenland Standard Time", "West Greenland Summer Time", "America/Nuuk America/Godthab"},
	{"ECT", "ECST", "Ecuador Time", "Ecuador Summer Time", "America/Guayaquil"},
	{"GYT", "GYST", "Guyana Time", "Guyana Summer Time", "America/Guyana"},
	{"BOT", "BOST", "Bolivia Time", "Bolivia Summer Time", "America/La_Paz"},
	{"PET", "PEST", "Peru Standard Time", "Peru Summer Time", "America/Lima"},
	{"PMST", "PMDT", "St. Pierre & Miquelon Standard Time", "St. Pierre & Miquelon Daylight Time", "America/Miquelon"},
	{"UYT", "UYST", "Uruguay Standard Time", "Uruguay Summer Time", "America/Montevideo"},
	{"FNT", "FNST", "Fernando de Noronha Standard Time", "Fernando de Noronha Summer Time", "America/Noronha Brazil/DeNoronha"},
	{"SRT", "SRST", "Suriname Time", "Suriname Summer Time", "America/Paramaribo"},
	{"CLT", "CLST", "Chile Time", "Chile Summer Time", "Antarctica/Palmer"},
	{"EGT", "EGST", "East Greenland Standard Time", "East Greenland Summer Time", "America/Scoresbysund"},
	{"NST", "NDT", "Newfoundland Standard Time", "Newfoundland Daylight Time", "America/St_Johns Canada/Newfoundland"},
	{"AWST", "AWDT", "Australian Western Standard Time", "Australian Western Daylight Time", "Australia/Perth Australia/West"},
	{"DAVT", "DAVST", "Davis Time", "Davis Summer Time", "Antarctica/Davis"},
	{"DDUT", "DDUST", "Dumont-d’Urville Time", "Dumont-d'Urville Summer Time", "Antarctica/DumontDUrville"},
	{"AEST", "AEDT", "Australian Eastern Standard Time", "Australian Eastern Daylight Time",
		"Australia/Sydney Antarctica/Macquarie Australia/ACT Australia/Brisbane Australia/Canberra Australia/Currie " +
			"Australia/Hobart Australia/Lindeman Australia/Melbourne Australia/NSW Australia/Queensland Australia/Tasmania " +
			"Australia/Victoria"},
	{"MAWT", "MAWST", "Mawson Time", "Mawson Summer Time", "Antarctica/Mawson"},
	{"NZST", "NZDT", "New Zealand Standard Time", "New Zealand Daylight Time",
		"Pacific/Auckland Antarctica/McMurdo Antarctica/South_Pole NZ"},
	{"ROTT", "ROTST", "Rothera Time", "Rothera Summer Time", "Antarctica/Rothera"},
	{"SYOT", "SYOST", "Syowa Time", "Syowa Summer Time", "Antarctica/Syowa"},
	{"VOST", "VOSST", "Vostok Time", "Vostok Summer Time", "Antarctica/Vostok"},
	{"ALMT", "ALMST", "East Kazakhstan Time", "Alma-Ata Summer Time", "Asia/Almaty"},
	{"ANAT", "ANAST", "Anadyr Standard Time", "Anadyr Summer Time", "Asia/Anadyr"},
	{"AQTT", "AQTST", "West Kazakhstan Time", "Aqtobe Summer Time", "Asia/Aqtobe"},
	{"TMT", "TMST", "Turkmenistan Standard Time", "Turkmenistan Summer Time", "Asia/Ashgabat Asia/Ashkhabad"},
	{"AZT", "AZST", "Azerbaijan Standard Time", "Azerbaijan Summer Time", "Asia/Baku"},
	{"ICT", "ICST", "Indochina Time", "Indochina Summer Time",
		"Asia/Bangkok Asia/Ho_Chi_Minh Asia/Phnom_Penh Asia/Saigon Asia/Vientiane"},
	{"KGT", "KGST", "Kyrgyzstan Time", "Kirgizstan Summer Time", "Asia/Bishkek"},
	{"BNT", "BNST", "Brunei Darussalam Time", "Brunei Summer Time", "Asia/Brunei"},
	{"IST", "IDT", "India Standard Time", "India Daylight Time", "Asia/Kolkata Asia/Calcutta Asia/Colombo"},
	{"YAKT", "YAKST", "Yakutsk Standard Time", "Yakutsk Summer Time", "Asia/Yakutsk Asia/Chita Asia/Khandyga"},
	{"ULAT", "ULAST", "Ulaanbaatar Standard Time", "Ulaanbaatar Summer Time", "Asia/Ulaanbaatar Asia/Ulan_Bator"},
	{"BDT", "BDST", "Bangladesh Standard Time", "Bangladesh Summer Time", "Asia/Dhaka Asia/Dacca"},
	{"TLT", "TLST", "East Timor Time", "Timor-Leste Summer Time", "Asia/Dili"},
	{"GST", "GDT", "South Georgia Time", "South Georgia Daylight Time", "Atlantic/South_Georgia"},
	{"TJT", "TJST", "Tajikistan Time", "Tajikistan Summer Time", "Asia/Dushanbe"},
	{"HKT", "HKST", "Hong Kong Standard Time", "Hong Kong Summer Time", "Asia/Hong_Kong Hongkong"},
	{"HOVT", "HOVST", "Hovd Standard Time", "Hovd Summer Time", "Asia/Hovd"},
	{"IRKT", "IRKST", "Irkutsk Standard Time", "Irkutsk Summer Time", "Asia/Irkutsk"},
	{"TRT", "TRST", "Turkey Time", "Turkey Summer Time", "Europe/Istanbul Asia/Istanbul Turkey"},
	{"WIB", "WIST", "Western Indonesia Time", "West Indonesia Summer Time", "Asia/Jakarta Asia/Pontianak"},
	{"WIT", "EIST", "Eastern Indonesia Time", "East Indonesia Summer Time", "Asia/Jayapura"},
	{"AFT", "AFST", "Afghanistan Time", "Afghanistan Summer Time", "Asia/Kabul"},
	{"PETT", "PETST", "Petropavlovsk-Kamchatski Standard Time", "Petropavlovsk-Kamchatski Summer Time", "Asia/Kamchatka"},
	{"PKT", "PKST", "Pakistan Standard Time", "Pakistan Summer Time", "Asia/Karachi"},
	{"XJT", "XJDT", "Xinjiang Standard Time", "Xinjiang Daylight Time", "Asia/Urumqi Asia/Kashgar"},
	{"NPT", "NPST", "Nepal Time", "Nepal Summer Time", "Asia/Kathmandu Asia/Katmandu"},
	{"KRAT", "KRAST", "Krasnoyarsk Standard Time", "Krasnoyarsk Summer Time", "Asia/Krasnoyarsk Asia/Novokuznetsk"},
	{"MYT", "MYST", "Malaysia Time", "Malaysia Summer Time", "Asia/Kuching Asia/Kuala_Lumpur"},
	{"MAGT", "MAGST", "Magadan Standard Time", "Magadan Summer Time", "Asia/Magadan"},
	{"WITA", "CIST", "Central Indonesia Time", "Central Indonesia Summer Time", "Asia/Makassar Asia/Ujung_Pandang"},
	{"NOVT", "NOVST", "Novosibirsk Standard Time", "Novosibirsk Summer Time", "Asia/Novosibirsk"},
	{"OMST", "OMSST", "Omsk Standard Time", "Omsk Summer Time", "Asia/Omsk"},
	{"KST", "KDT", "Korean Standard Time", "Korean Daylight Time", "Asia/Seoul Asia/Pyongyang ROK"},
	{"MMT", "MMST", "Myanmar Time", "Myanmar Summer Time", "Asia/Yangon Asia/Rangoon"},
	{"SAKT", "SAKST", "Sakhalin Standard Time", "Sakhalin Summer Time", "Asia/Sakhalin"},
	{"UZT", "UZST", "Uzbekistan Standard Time", "Uzbekistan Summer Time", "Asia/Tashkent Asia/Samarkand"},
	{"SGT", "SGST", "Singapore Standard Time", "Singapore Summer Time", "Asia/Singapore Singapore"},
	{"SRET", "SREDT", "Srednekolymsk Time", "Srednekolymsk Daylight Time", "Asia/Srednekolymsk"},
	{"GET", "GEST", "Georgia Standard Time", "Georgia Summer Time", "Asia/Tbilisi"},
	{"IRST", "IRDT", "Iran Standard Time", "Iran Daylight Time", "Asia/Tehran Iran"},
	{"BTT", "BTST", "Bhutan Time", "Bhutan Summer Time", "Asia/Thimphu Asia/Thimbu"},
	{"JST", "JDT", "Japan Standard Time", "Japan Daylight Time", "Asia/Tokyo Japan"},
	{"VLAT", "VLAST", "Vladivostok Standard Time", "Vladivostok Summer Time", "Asia/Vladivostok Asia/Ust-Nera"},
	{"YEKT", "YEKST", "Yekaterinburg Standard Time", "Yekaterinburg Summer Time", "Asia/Yekaterinburg"},
	{"AZOT", "AZOST", "Azores Standard Time", "Azores Summer Time", "Atlantic/Azores"},
	{"CVT", "CVST", "Cape Verde Standard Time", "Cape Verde Summer Time", "Atlantic/Cape_Verde"},
	{"FKT", "FKST", "Falkland Islands Standard Time", "Falkland Islands Summer Time", "Atlantic/Stanley"},
	{"ACWST", "ACWDT", "Australian Central Western Standard Time", "Australian Central Western Daylight Time", "Australia/Eucla"},
	{"LHST", "LHDT", "Lord Howe Standard Time", "Lord Howe Daylight Time", "Australia/Lord_Howe Australia/LHI"},
	{"UTC", "UTC", "Coordinated Universal Time", "Coordinated Universal Time",
		"UTC Etc/UCT Etc/UTC Etc/Universal Etc/Zulu UCT Universal Zulu"},
	{"BST", "BST", "Bougainville Standard Time", "Bougainville Daylight Time", "Pacific/Bougainville"},
	{"MSK", "MSD", "Moscow Standard Time", "Moscow Summer Time", "Europe/Moscow Europe/Minsk Europe/Simferopol W-SU"},
	{"SAMT", "SAMST", "Samara Standard Time", "Samara Summer Time", "Europe/Samara"},
	{"IOT", "IOST", "Indian Ocean Time", "Indian Ocean Territory Summer Time", "Indian/Chagos"},
	{"CXT", "CXST", "Christmas Island Time", "Christmas Island Summer Time", "Indian/Christmas"},
	{"CCT", "CCST", "Cocos Islands Time", "Cocos Islands Summer Time", "Indian/Cocos"},
	{"TFT", "TFST", "French Southern & Antarctic Time", "French Southern & Antarctic Lands Summer Time", "Indian/Kerguelen"},
	{"SCT", "SCST", "Seychelles Time", "Seychelles Summer Time", "Indian/Mahe"},
	{"MVT", "MVST", "Maldives Time", "Maldives Summer Time", "Indian/Maldives"},
	{"MUT", "MUST", "Mauritius Standard Time", "Mauritius Summer Time", "Indian/Mauritius"},
	{"RET", "REST", "Réunion Time", "Reunion Summer Time", "Indian/Reunion"},
	{"MHT", "MHST", "Marshall Islands Time", "Marshall Islands Summer Time", "Kwajalein Pacific/Kwajalein Pacific/Majuro"},
	{"MET", "MEST", "Middle Europe Time", "Middle Europe Summer Time", "MET"},
	{"CHAST", "CHADT", "Chatham Standard Time", "Chatham Daylight Time", "Pacific/Chatham NZ-CHAT"},
	{"WSST", "WSDT", "Apia Standard Time", "Apia Daylight Time", "Pacific/Apia"},
	{"CHUT", "CHUST", "Chuuk Time", "Chuuk Summer Time", "Pacific/Chuuk Pacific/Truk Pacific/Yap"},
	{"VUT", "VUST", "Vanuatu Standard Time", "Vanuatu Summer Time", "Pacific/Efate"},
	{"PHOT", "PHOST", "Phoenix Islands Time", "Phoenix Is. Summer Time", "Pacific/Enderbury"},
	{"TKT", "TKST", "Tokelau Time", "Tokelau Summer Time", "Pacific/Fakaofo"},
	{"FJT", "FJST", "Fiji Standard Time", "Fiji Summer Time", "Pacific/Fiji"},
	{"TVT", "TVST", "Tuvalu Time", "Tuvalu Summer Time", "Pacific/Funafuti"},
	{"GALT", "GALST", "Galapagos Time", "Galapagos Summer Time", "Pacific/Galapagos"},
	{"GAMT", "GAMST", "Gambier Time", "Gambier Summer Time", "Pacific/Gambier"},
	{"SBT", "SBST", "Solomon Islands Time", "Solomon Is. Summer Time", "Pacific/Guadalcanal"},
	{"ChST", "ChDT", "Chamorro Standard Time", "Chamorro Daylight Time", "Pacific/Guam Pacific/Saipan"},
	{"LINT", "LINST", "Line Islands Time", "Line Is. Summer Time", "Pacific/Kiritimati"},
	{"KOST", "KOSST", "Kosrae Time", "Kosrae Summer Time", "Pacific/Kosrae"},
	{"MART", "MARST", "Marquesas Time", "Marquesas Summer Time", "Pacific/Marquesas"},
	{"SST", "SDT", "Samoa Standard Time", "Samoa Daylight Time", "Pacific/Pago_Pago Pacific/Midway Pacific/Samoa US/Samoa"},
	{"NRT", "NRST", "Nauru Time", "Nauru Summer Time", "Pacific/Nauru"},
	{"NUT", "NUST", "Niue Time", "Niue Summer Time", "Pacific/Niue"},
	{"NFT", "NFST", "Norfolk Island Standard Time", "Norfolk Island Daylight Time", "Pacific/Norfolk"},
	{"NCT", "NCST", "New Caledonia Standard Time", "New Caledonia Summer Time", "Pacific/Noumea"},
	{"PWT", "PWST", "Palau Time", "Palau Summer Time", "Pacific/Palau"},
	{"PONT", "PONST", "Ponape Time", "Pohnpei Summer Time", "Pacific/Pohnpei Pacific/Ponape"},
	{"PGT", "PGST", "Papua New Guinea Time", "Papua New Guinea Summer Time", "Pacific/Port_Moresby"},
	{"CKT", "CKHST", "Cook Islands Standard Time", "Cook Islands Half Summer Time", "Pacific/Rarotonga"},
	{"TAHT", "TAHST", "Tahiti Time", "Tahiti Summer Time", "Pacific/Tahiti"},
	{"GILT", "GILST", "Gilbert Islands Time", "Gilbert Is. Summer Time", "Pacific/Tarawa"},
	{"TOT", "TOST", "Tonga Standard Time", "Tonga Summer Time", "Pacific/Tongatapu"},
	{"WAKT", "WAKST", "Wake Island Time", "Wake Summer Time", "Pacific/Wake"},
	{"WFT", "WFST", "Wallis & Futuna Time", "Wallis & Futuna Summer Time", "Pacific/Wallis"},
	{"GMT", "GHST", "Greenwich Mean Time", "Ghana Summer Time", "Africa/Accra"},
	{"GMT", "IST", "Greenwich Mean Time", "Irish Standard Time", "Eire Europe/Dublin"},
	{"EAT", "EAST", "East Africa Time", "Eastern African Summer Time",
		"Africa/Nairobi Africa/Addis_Ababa Africa/Asmara Africa/Asmera Africa/Dar_es_Salaam Africa/Djibouti " +
			"Africa/Kampala Africa/Mogadishu Indian/Antananarivo Indian/Comoro Indian/Mayotte"},
	{"GMT", "CEST", "Greenwich Mean Time", "Central European Summer Time", "Antarctica/Troll"},
	{"CET", "CEST", "Central European Time", "Central European Summer Time", "CET"},
	{"CAT", "WAT", "Central Africa Time", "Western African Time", "Africa/Windhoek"},
	{"EET", "EEST", "Eastern European Time", "Eastern European Summer Time", "Asia/Famagusta EET"},
	{"WET", "WEST", "Western European Time", "Western European Summer Time", "Africa/Casablanca Africa/El_Aaiun WET"},
	{"HAST", "HADT", "Hawaii-Aleutian Standard Time", "Hawaii-Aleutian Daylight Time",
		"America/Adak America/Atka Pacific/Johnston US/Aleutian"},
	{"AST", "ADT", "Arabian Standard Time", "Arabian Daylight Time",
		"Asia/Riyadh Asia/Aden Asia/Baghdad Asia/Bahrain Asia/Kuwait Asia/Qatar"},
	{"CST", "CDT", "Cuba Standard Time", "Cuba Daylight Time", "America/Havana Cuba"},
	{"CST", "CDT", "China Standard Time", "China Daylight Time",
		"Asia/Shanghai Asia/Chongqing Asia/Chungking Asia/Harbin Asia/Macao Asia/Macau PRC"},
	{"CST", "CDT", "Taipei Standard Time", "Taipei Daylight Time", "Asia/Taipei"},
	{"AMT", "AMST", "Armenia Standard Time", "Armenia Summer Time", "Asia/Yerevan"},
	{"MST", "MDT", "Mexican Pacific Standard Time", "Mexican Pacific Daylight Time",
		"America/Mazatlan America/Hermosillo Mexico/BajaSur"},
	{"ACST", "ACDT", "Australian Central Standard Time", "Australian Central Daylight Time",
		"Australia/Adelaide Australia/Broken_Hill Australia/Darwin Australia/North Australia/South Australia/Yancowinna"},
	{"PST", "PDT", "Northwest Mexico Standard Time", "Northwest Mexico Daylight Time", "America/Santa_Isabel"},
	{"PST", "PDT", "Philippine Standard Time", "Philippine Summer Time", "Asia/Manila"},
	{"PST", "PDT", "Pitcairn Time", "Pitcairn Daylight Time", "Pacific/Pitcairn"},
	{"CLT", "CLST", "Chile Standard Time", "Chile Summer Time", "America/Santiago Chile/Continental"},
	{"AWST", "AWDT", "Casey Time", "Australian Western Daylight Time", "Antarctica/Casey"},
	{"QOST", "QOSST", "East Kazakhstan Time", "Kostanay Summer Time", "Asia/Qostanay"},
	{"AQTT", "AQTST", "West Kazakhstan Time", "Aqtau Summer Time", "Asia/Aqtau"},
	{"ORAT", "ORAST", "West Kazakhstan Time", "Oral Summer Time", "Asia/Oral"},
	{"QYZT", "QYZST", "West Kazakhstan Time", "Qyzylorda Summer Time", "Asia/Qyzylorda"},
	{"IST", "IDT", "Israel Standard Time", "Israel Daylight Time", "Asia/Jerusalem Asia/Tel_Aviv Israel"},
	{"CHOT", "CHOST", "Ulaanbaatar Standard Time", "Ulaanbaatar Summer Time", "Asia/Choibalsan"},
	{"GST", "GDT", "Gulf Standard Time", "Gulf Daylight Time", "Asia/Dubai Asia/Muscat"},
	{"GMT", "BST", "Greenwich Mean Time", "British Summer Time",
		"Europe/Belfast Europe/Guernsey Europe/Isle_of_Man Europe/Jersey Europe/London GB GB-Eire"},
	{"MSK", "MSD", "Moscow Standard Time", "Moscow Daylight Time", "Europe/Kirov"},
	{"MSK", "MSD", "Volgograd Standard Time", "Volgograd Summer Time", "Europe/Volgograd"},
}
