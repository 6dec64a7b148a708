"""Record the names and results of Spark's date and time functions in several session time zones: zones.py > zones.jsonl.

Each line is {"zone", "expr", "name": of the column without an alias, "text": of its value as STRING}.
"""
import json

import driver

ZONES = ["America/Los_Angeles", "Asia/Kolkata", "Europe/Moscow"]
# Around clock changes in one of the zones, and before 1970.
TIMES = ["2024-03-10 02:30:00", "2024-11-03 01:30:00", "2014-10-26 01:30:00", "1969-12-31 23:59:59.5"]
FORMS = [
    "time_bucket(INTERVAL '1' DAY, {t})",
    "time_bucket(INTERVAL '1' HOUR, {t})",
    "time_bucket(INTERVAL '90' MINUTE, {t})",
    "time_bucket(INTERVAL '7' DAY, {t})",
    "time_bucket(INTERVAL '1' MONTH, {t})",
    "time_bucket(INTERVAL '3' MONTH, {t})",
    "time_bucket(INTERVAL '1' YEAR, {t})",
    "time_bucket(INTERVAL '1' DAY, {t}, TIMESTAMP '2024-01-01 05:30:00')",
    "time_bucket(INTERVAL '1' MONTH, {t}, TIMESTAMP '2024-01-31 05:30:00')",
    "time_bucket(INTERVAL '36' HOUR, {t})",
    "time_bucket(INTERVAL '1 12' DAY TO HOUR, {t})",
    "time_bucket(INTERVAL '0.5' SECOND, {t})",
    "CAST({t} AS STRING)",
    "CAST({t} AS DATE)",
    "CAST({t} AS BIGINT)",
    "CAST({t} AS TIMESTAMP_NTZ)",
    "CAST(CAST({t} AS TIMESTAMP_NTZ) AS TIMESTAMP)",
    "date_trunc('DAY',{t})",
    "date_trunc('HOUR',{t})",
    "date_trunc('WEEK',{t})",
    "date_trunc('MONTH',{t})",
    "date_trunc('QUARTER',{t})",
    "date_trunc('YEAR',{t})",
    "date_trunc('MINUTE',{t})",
    "hour({t})",
    "minute({t})",
    "second({t})",
    "dayofweek({t})",
    "dayofyear({t})",
    "weekofyear({t})",
    "extract(SECOND FROM {t})",
    "extract(DAYOFWEEK_ISO FROM {t})",
    "unix_timestamp({t})",
    "unix_micros({t})",
    "date_format({t},'yyyy-MM-dd HH:mm:ss.SSSSSS XXX VV zzzz z O xxxxx')",
    "date_format({t},'G EEEE D Q a K k h H')",
    "from_unixtime(unix_timestamp({t}))",
    "{t} + INTERVAL '1' DAY",
    "{t} + INTERVAL '24' HOUR",
    "{t} + INTERVAL '1' MONTH",
    "{t} - INTERVAL '1' YEAR",
    "{t} + make_interval(0,1,0,1,1,1,1)",
    "{t} - TIMESTAMP '2024-01-01 00:00:00'",
    "timestampadd(DAY,1,{t})",
    "timestampadd(HOUR,24,{t})",
    "timestampadd(MONTH,-1,{t})",
    "timestampdiff(DAY,{t},TIMESTAMP '2024-06-21 09:00:00')",
    "timestampdiff(HOUR,{t},TIMESTAMP '2024-06-21 09:00:00')",
    "timestampdiff(MONTH,{t},TIMESTAMP '2024-06-21 09:00:00')",
    "months_between({t},TIMESTAMP '2024-01-31 00:00:00')",
    "last_day({t})",
    "trunc({t},'MM')",
    "add_months({t},1)",
    "date_add({t},1)",
    "datediff({t},DATE'2024-01-01')",
    "to_utc_timestamp({t},'Asia/Tokyo')",
    "from_utc_timestamp({t},'Asia/Tokyo')",
    "convert_timezone('UTC','Asia/Tokyo',CAST({t} AS TIMESTAMP_NTZ))",
    "convert_timezone('Asia/Tokyo',CAST({t} AS TIMESTAMP_NTZ))",
    "make_timestamp(year({t}),month({t}),day({t}),hour({t}),minute({t}),second({t}))",
    "make_date(year({t}),1,1)",
    "to_json(named_struct('t',{t}))",
    "to_csv(named_struct('t',{t}))",
    "to_json(named_struct('t',{t}),map('timeZone','Asia/Kolkata'))",
    "to_timestamp(CAST({t} AS STRING))",
    "to_timestamp(date_format({t},'dd/MM/yyyy HH:mm'),'dd/MM/yyyy HH:mm')",
    "to_date(CAST({t} AS STRING))",
    "CAST(CAST({t} AS DATE) AS TIMESTAMP)",
    "window({t},'1 day')",
    "window({t},'1 hour','30 minutes')",
    "window({t},'1 day','1 day','5 hours')",
    "sequence({t},{t} + INTERVAL '3' DAY, INTERVAL '1' DAY)",
    "sequence(CAST({t} AS DATE),CAST({t} AS DATE) + INTERVAL '2' MONTH, INTERVAL '1' MONTH)",
    "hash({t})",
    "{t} = CAST(CAST({t} AS DATE) AS TIMESTAMP)",
    "{t} > DATE'2024-03-10'",
    "try_to_timestamp('2024-03-10 02:30','yyyy-MM-dd HH:mm')",
    "from_json('{{\"t\":\"2024-03-10 02:30:00\"}}','t TIMESTAMP')",
    "from_csv('2024-03-10T02:30:00','t TIMESTAMP')",
    "current_timezone()",
    "CAST('2024-03-10 02:30:00' AS TIMESTAMP)",
    "CAST('2024-11-03 01:30:00' AS TIMESTAMP)",
    "TIMESTAMP '2024-03-10 02:30:00 Europe/Berlin'",
    "CAST('02:30:00' AS TIMESTAMP) IS NOT NULL",
    "to_char({t},'yyyy HH')",
    "dayname({t})",
    "monthname({t})",
    "date_part('TIMEZONE',{t})",
    "struct({t})",
    "array({t})",
    "concat({t},'')",
    "to_xml(named_struct('t',{t}))",
    "to_xml(named_struct('_t',{t},'n',CAST({t} AS TIMESTAMP_NTZ)),map('timeZone','Asia/Tokyo','indent',''))",
    "to_xml(named_struct('t',{t}),map('timestampFormat','dd/MM/yyyy HH:mm XXX'))",
    "from_xml('<r><t>2024-03-10T02:30:00</t></r>','t TIMESTAMP')",
    "from_xml('<r t=\"2024-11-03 01:30:00\"/>','_t TIMESTAMP')",
    "from_xml('<r><t>10/03/2024 02:30</t></r>','t TIMESTAMP',map('timestampFormat','dd/MM/yyyy HH:mm'))",
    "from_xml('<r><t>2024-03-10 02:30:00</t></r>','t TIMESTAMP',map('timeZone','Asia/Tokyo'))",
    "from_xml(to_xml(named_struct('t',{t})),'t TIMESTAMP')",
]


def expressions():
    for form in FORMS:
        for time in TIMES if "{t}" in form else TIMES[:1]:
            yield form.format(t=f"TIMESTAMP '{time}'")


def main():
    out = driver.open_answers()
    spark = driver.start_session()
    for zone in ZONES:
        spark.conf.set("spark.sql.session.timeZone", zone)
        for e in expressions():
            try:
                name = spark.range(1).selectExpr(e).columns[0]
                text = spark.range(1).selectExpr(f"CAST({e} AS STRING)").collect()[0][0]
            except Exception:
                continue
            out.write(json.dumps({"zone": zone, "expr": e, "name": name, "text": text}, ensure_ascii=False) + "\n")
    spark.stop()


if __name__ == "__main__":
    main()
