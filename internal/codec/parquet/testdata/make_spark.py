"""Makes the fixtures spark-*.parquet with Spark 4.3: Spark's defaults, pages of version 2, and the older layout."""
import glob
import os
import shutil
import tempfile

from pyspark.sql import SparkSession

here = os.path.dirname(os.path.abspath(__file__))
query = """select id, cast(id as tinyint) t, cast(id as smallint) sm, cast(id as int) i, id*10000000000 l, cast(id/4 as float) f,
 id/8D d, id%2=0 b, if(id%3=0,null,concat('s',id%5)) s, cast(concat('x',id) as binary) bin, cast(id*1.11 as decimal(7,2)) d7,
 cast(id*1.11 as decimal(16,3)) d16, cast(-id*1.11 as decimal(38,10)) d38, date_add(date'1960-01-01', cast(id as int)*700) dt,
 timestamp'1955-01-01 00:00:00.123456' + make_dt_interval(cast(id as int)*300) ts, timestamp_ntz'2024-01-01 00:00:00' ntz,
 make_ym_interval(1,cast(id as int)) ym, make_dt_interval(cast(id as int)) ds,
 if(id%4=0,null,transform(sequence(0,id%3),x->if(x=1,null,cast(x as int)))) a, map('k',id,'n',null) m,
 named_struct('x',cast(id as int),'y',array(named_struct('z',cast(id as string)))) st, array(array(cast(id as int))) aa,
 time'10:11:12.123456' tm from range(40)"""

spark = SparkSession.builder.master("local[1]").config("spark.ui.enabled", "false").config("spark.sql.session.timeZone", "UTC") \
    .config("spark.sql.timeType.enabled", "true").getOrCreate()
df = spark.sql(query)


def save(name, frame, **options):
    with tempfile.TemporaryDirectory() as dir:
        frame.coalesce(1).write.mode("overwrite").options(**options).parquet(dir)
        shutil.copy(glob.glob(dir + "/*.parquet")[0], os.path.join(here, name + ".parquet"))
    with open(os.path.join(here, name + ".txt"), "w") as out:
        for row in frame.selectExpr("cast(struct(*) as string) x").collect():
            out.write(row.x + "\n")


save("spark-int96", df)
spark.conf.set("spark.sql.parquet.outputTimestampType", "TIMESTAMP_MICROS")
save("spark-v2", df, compression="zstd", **{"parquet.writer.version": "v2"})
spark.conf.set("spark.sql.parquet.writeLegacyFormat", "true")
save("spark-legacy", df.drop("tm"), compression="gzip")
