# What a user of dlt writes to move a table to MongoDB: dlt has no destination for it, so the destination is a function that inserts what it is given.
# Arguments: PostgreSQL URL, table, MongoDB URL, database.
import os
import sys
from decimal import Decimal

import dlt
from bson.decimal128 import Decimal128
from dlt.sources.sql_database import sql_table
from pymongo import MongoClient

source, table, target, database = sys.argv[1:5]
os.environ["RUNTIME__DLTHUB_TELEMETRY"] = "false"
os.environ["RUNTIME__LOG_LEVEL"] = "ERROR"
collection = MongoClient(target)[database][table]


@dlt.destination(batch_size=1000, naming_convention="direct", skip_dlt_columns_and_tables=True, max_table_nesting=0)
def mongodb(items, table_schema):
    # The driver takes no decimals of Python.
    for item in items:
        for name, value in item.items():
            if isinstance(value, Decimal):
                item[name] = Decimal128(value)
    collection.insert_many(items, ordered=False)


pipeline = dlt.pipeline(pipeline_name="people", destination=mongodb, pipelines_dir=os.getcwd())
pipeline.run(sql_table(source.replace("postgresql://", "postgresql+psycopg2://"), table=table, schema="public", chunk_size=10000))
