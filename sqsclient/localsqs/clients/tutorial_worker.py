#!/usr/bin/python3
"""Drains a dead letter queue of webhooks, as tutorials on SQS have it.

Knows nothing of rehook but the format of its letters: what cannot be delivered goes back with a higher retry_count.
"""

import json
import os

import boto3
import requests

sqs = boto3.client("sqs", endpoint_url=os.environ.get("AWS_ENDPOINT_URL_SQS"))
queue_url = sqs.get_queue_url(QueueName="gen-webhook-dlq")["QueueUrl"]


def process(message):
    letter = json.loads(message["Body"])
    try:
        response = requests.post(letter["original_endpoint"], json=letter["payload"], headers=letter["headers"], timeout=5)
        delivered, letter["error_code"] = response.ok, response.status_code
    except requests.RequestException:
        delivered, letter["error_code"] = False, 0
    if not delivered:
        letter["retry_count"] += 1
        sqs.send_message(QueueUrl=queue_url, MessageBody=json.dumps(letter))
    sqs.delete_message(QueueUrl=queue_url, ReceiptHandle=message["ReceiptHandle"])


while True:
    response = sqs.receive_message(QueueUrl=queue_url, MaxNumberOfMessages=10, WaitTimeSeconds=2)
    messages = response.get("Messages", [])
    if not messages:
        break
    for message in messages:
        process(message)
