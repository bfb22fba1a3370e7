"""SNS as moto has it, as a server, and calls of it by boto3.

    moto_sns.py serve                    prints "ready PORT"
    moto_sns.py call PORT CALLS          CALLS: [["create_topic", {"Name": "orders"}], ...]; prints the answers as JSON

The server is moto's application for SNS alone: the one for all services takes a certificate's URL, whose request nobody
signs, for one of S3.
"""

import json
import sys

if sys.argv[1] == "serve":
    from moto.moto_server.werkzeug_app import MotoRequestHandler, create_backend_app
    from werkzeug.serving import make_server

    server = make_server(
        "127.0.0.1", 0, create_backend_app("sns"), threaded=True, request_handler=MotoRequestHandler)
    print("ready", server.port, flush=True)
    server.serve_forever()
else:
    import boto3
    from botocore.config import Config

    sns = boto3.client(
        "sns", endpoint_url=f"http://127.0.0.1:{sys.argv[2]}", region_name="us-east-1", aws_access_key_id="test",
        aws_secret_access_key="test", config=Config(retries={"max_attempts": 0}, read_timeout=60))
    answers = []
    for name, arguments in json.loads(sys.argv[3]):
        answers.append(getattr(sns, name)(**arguments))
    print(json.dumps(answers, default=str))
