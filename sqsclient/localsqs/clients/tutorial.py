#!/usr/bin/python3
"""Holds the embedded queue to the worker of a tutorial: fills the queue, runs the worker, and looks at what arrived.

The endpoint answers 503 to the first request of every third webhook, which therefore has to come again.
"""

import http.server
import json
import os
import pathlib
import subprocess
import sys
import threading

import boto3

WEBHOOKS = 25
arrived = {}  # payload by number
asked = []  # numbers, in the order of requests


class Endpoint(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        payload = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        number = payload["number"]
        if number % 3 == 0 and number not in asked:
            status = 503
        else:
            status, arrived[number] = 200, (payload, self.headers["X-Correlation-Id"])
        asked.append(number)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_):
        pass


def payload(number):
    return {"number": number, "text": "größe <&> \r\n", "amount": 1.5}


def letter(number, port):
    return {
        "id": f"7f3a9c1e-0000-4000-8000-{number:012d}",
        "timestamp": "2026-11-25T08:00:00Z",
        "original_endpoint": f"http://127.0.0.1:{port}/hook",
        "error_code": 503,
        "payload": payload(number),
        "retry_count": 0,
        "headers": {"Content-Type": "application/json", "X-Correlation-Id": f"c-{number}"},
    }


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Endpoint)
threading.Thread(target=server.serve_forever, daemon=True).start()

sqs = boto3.client("sqs", endpoint_url=os.environ["AWS_ENDPOINT_URL_SQS"])
url = sqs.create_queue(QueueName="gen-webhook-dlq")["QueueUrl"]
for n in range(WEBHOOKS):
    sqs.send_message(QueueUrl=url, MessageBody=json.dumps(letter(n, server.server_port)))

worker = pathlib.Path(__file__).with_name("tutorial_worker.py")
subprocess.run([sys.executable, worker], check=True, timeout=60)

failures = []
want = {n: (payload(n), f"c-{n}") for n in range(WEBHOOKS)}
if arrived != want:
    failures.append(f"what arrived: expected {WEBHOOKS} webhooks as they were sent, got {sorted(arrived)}")
tries = {n: asked.count(n) for n in range(WEBHOOKS)}
if tries != {n: 2 if n % 3 == 0 else 1 for n in range(WEBHOOKS)}:
    failures.append(f"requests: expected two of every third webhook and one of the others, got {tries}")
counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
left = {name: counts["ApproximateNumberOfMessages" + name] for name in ["", "NotVisible", "Delayed"]}
if left != {"": "0", "NotVisible": "0", "Delayed": "0"}:
    failures.append(f"the queue: expected none left, got {left}")
for failure in failures:
    print("tutorial:", failure)
print(f"tutorial: {len(arrived)} of {WEBHOOKS} webhooks delivered in {len(asked)} requests")
sys.exit(1 if failures else 0)
