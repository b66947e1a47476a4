#!/usr/bin/python3
"""Every SQS operation by boto3 1.26, as Debian 12 has it: the AWS Query protocol.

Talks to AWS_ENDPOINT_URL_SQS, and prints a line for each expectation that does not hold. Message move tasks are not
here: this boto3 is older than they are.
"""

import hashlib
import json
import os
import sys
import time

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

ENDPOINT = os.environ["AWS_ENDPOINT_URL_SQS"]
sqs = boto3.client("sqs", endpoint_url=ENDPOINT, config=Config(retries={"max_attempts": 0}, read_timeout=30))

failures, held = [], 0
case = ""


def expect(what, got, want):
    """Notes a failure unless got is what was wanted."""
    global held
    if got == want:
        held += 1
        return
    failures.append(case)
    print(f"boto3: {case}: {what}: expected {want!r}, got {got!r}", flush=True)


def refused(code, status, operation, **parameters):
    """Expects an error of AWS's code and status, with a sentence in it."""
    try:
        operation(**parameters)
    except ClientError as error:
        told = error.response["Error"]
        expect(f"error of {error.operation_name}", told["Code"], code)
        expect(f"{code}: its status", error.response["ResponseMetadata"]["HTTPStatusCode"], status)
        expect(f"{code}: whose fault", told.get("Type"), "Sender")
        expect(f"{code}: has a message", bool(told["Message"]), True)
        return error
    expect("the call", "no error", code)
    return None


def queue(name, **attributes):
    return sqs.create_queue(QueueName=f"boto-{name}", Attributes=attributes)["QueueUrl"]


def arn(url):
    return sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]


def receive(url, wait=0, **parameters):
    answer = sqs.receive_message(
        QueueUrl=url, MaxNumberOfMessages=10, WaitTimeSeconds=wait, AttributeNames=["All"], MessageAttributeNames=["All"], **parameters
    )
    return answer.get("Messages", [])


def bodies(messages):
    return [m["Body"] for m in messages]


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


def queues():
    url = queue("queues", VisibilityTimeout="60", DelaySeconds="0")
    expect("the URL", url, f"{ENDPOINT}/000000000000/boto-queues")
    expect("the URL, asked for", sqs.get_queue_url(QueueName="boto-queues")["QueueUrl"], url)
    expect("the same queue again", queue("queues", VisibilityTimeout="60"), url)
    refused("QueueAlreadyExists", 400, queue, name="queues", VisibilityTimeout="61")
    refused("InvalidParameterValue", 400, sqs.create_queue, QueueName="boto queues")
    refused("InvalidAttributeName", 400, queue, name="x", Colour="red")
    refused("InvalidAttributeValue", 400, queue, name="x", DelaySeconds="901")
    error = refused("AWS.SimpleQueueService.NonExistentQueue", 400, sqs.get_queue_url, QueueName="boto-nowhere")
    expect("its class", type(error).__name__, "QueueDoesNotExist")
    sqs.delete_queue(QueueUrl=url)
    refused("AWS.SimpleQueueService.NonExistentQueue", 400, sqs.send_message, QueueUrl=url, MessageBody="m")


def listing():
    for i in range(5):
        queue(f"listed-{i}")
    pages = list(sqs.get_paginator("list_queues").paginate(QueueNamePrefix="boto-listed-", PaginationConfig={"PageSize": 2}))
    expect("queues a page", [len(p["QueueUrls"]) for p in pages], [2, 2, 1])
    expect("queues", sorted(u.rsplit("/", 1)[1] for p in pages for u in p["QueueUrls"]), [f"boto-listed-{i}" for i in range(5)])
    expect("no queues", "QueueUrls" in sqs.list_queues(QueueNamePrefix="boto-none-"), False)


def attributes():
    url = queue("attributes", DelaySeconds="3")
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"VisibilityTimeout": "77", "MaximumMessageSize": "2048"})
    some = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["VisibilityTimeout", "DelaySeconds", "QueueArn"])["Attributes"]
    expect("some", some, {"VisibilityTimeout": "77", "DelaySeconds": "3", "QueueArn": "arn:aws:sqs:us-east-1:000000000000:boto-attributes"})
    every = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    expect("the size", every["MaximumMessageSize"], "2048")
    expect("the retention", every["MessageRetentionPeriod"], "345600")
    expect("created just now", abs(int(every["CreatedTimestamp"]) - time.time()) < 60, True)
    expect("none", "Attributes" in sqs.get_queue_attributes(QueueUrl=url), False)
    refused("InvalidAttributeName", 400, sqs.get_queue_attributes, QueueUrl=url, AttributeNames=["Colour"])
    refused("InvalidAttributeValue", 400, sqs.set_queue_attributes, QueueUrl=url, Attributes={"VisibilityTimeout": "x"})


def messages():
    url = queue("messages")
    for body in ["m", "a\rb\r\nc", "größe 日本語 \U0001f600", "<a>&amp;]]></a>", "a=b&c=d+%2B", " spaces ", "\u0085\u2028", '{"n":1.0}']:
        sent = sqs.send_message(QueueUrl=url, MessageBody=body)
        expect(f"digest of {body!r}", sent["MD5OfMessageBody"], md5(body))
        got = receive(url)
        expect("the body", bodies(got), [body])
        expect(f"digest of {body!r}", got[0]["MD5OfBody"], md5(body))
        expect("the id", got[0]["MessageId"], sent["MessageId"])
        sqs.delete_message(QueueUrl=url, ReceiptHandle=got[0]["ReceiptHandle"])
    expect("when empty", "Messages" in sqs.receive_message(QueueUrl=url), False)
    refused("InvalidMessageContents", 400, sqs.send_message, QueueUrl=url, MessageBody="\x01")
    refused("MissingParameter", 400, sqs.send_message, QueueUrl=url, MessageBody="")
    refused("InvalidParameterValue", 400, sqs.send_message, QueueUrl=url, MessageBody="m" * ((1 << 20) + 1))
    refused("InvalidParameterValue", 400, sqs.receive_message, QueueUrl=url, MaxNumberOfMessages=11)
    refused("ReceiptHandleIsInvalid", 400, sqs.delete_message, QueueUrl=url, ReceiptHandle="x")


def message_attributes():
    url = queue("message-attributes", VisibilityTimeout="0")
    sent = sqs.send_message(
        QueueUrl=url,
        MessageBody="m",
        MessageAttributes={
            "timestamp": {"DataType": "Number", "StringValue": "1493147359900"},
        },
    )
    expect("the digest that AWS documents", sent["MD5OfMessageAttributes"], "235c5c510d26fb653d073faed50ae77c")
    sqs.purge_queue(QueueUrl=url)
    given = {
        "bytes": {"DataType": "Binary.png", "BinaryValue": bytes(range(256))},
        "number": {"DataType": "Number", "StringValue": "-1.5e3"},
        "text.one": {"DataType": "String", "StringValue": "größe\r\n<&>"},
        "text.two": {"DataType": "String.label", "StringValue": "2"},
    }
    trace = {"AWSTraceHeader": {"DataType": "String", "StringValue": "Root=1-5759e988-bd862e3fe1be46a994272793"}}
    sent = sqs.send_message(QueueUrl=url, MessageBody="m", MessageAttributes=given, MessageSystemAttributes=trace)
    expect("a digest of the trace", len(sent.get("MD5OfMessageSystemAttributes", "")), 32)
    got = receive(url)[0]
    expect("the attributes", got["MessageAttributes"], given)
    expect("their digest", got["MD5OfMessageAttributes"], sent["MD5OfMessageAttributes"])
    expect("the trace", got["Attributes"]["AWSTraceHeader"], trace["AWSTraceHeader"]["StringValue"])
    expect("the receive count", got["Attributes"]["ApproximateReceiveCount"], "1")
    expect("sent just now", abs(int(got["Attributes"]["SentTimestamp"]) / 1000 - time.time()) < 60, True)
    some = sqs.receive_message(QueueUrl=url, AttributeNames=["ApproximateReceiveCount"], MessageAttributeNames=["text.*"])["Messages"][0]
    expect("some attributes", sorted(some["MessageAttributes"]), ["text.one", "text.two"])
    expect("some system attributes", some["Attributes"], {"ApproximateReceiveCount": "2"})
    none = sqs.receive_message(QueueUrl=url)["Messages"][0]
    expect("nothing that was not asked for", sorted(none), ["Body", "MD5OfBody", "MessageId", "ReceiptHandle"])
    refused("InvalidParameterValue", 400, sqs.send_message, QueueUrl=url, MessageBody="m", MessageAttributes={"AWS.x": given["number"]})


def visibility():
    url = queue("visibility")
    sqs.send_message(QueueUrl=url, MessageBody="m")
    first = receive(url)[0]
    expect("while it is held", receive(url), [])
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"], VisibilityTimeout=1)
    second = receive(url, wait=10)
    expect("once its second is over", bodies(second), ["m"])
    expect("the receive count", second[0]["Attributes"]["ApproximateReceiveCount"], "2")
    sqs.change_message_visibility(QueueUrl=url, ReceiptHandle=second[0]["ReceiptHandle"], VisibilityTimeout=0)
    error = refused(
        "AWS.SimpleQueueService.MessageNotInflight", 400,
        sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=second[0]["ReceiptHandle"], VisibilityTimeout=5,
    )
    expect("its class", type(error).__name__, "MessageNotInflight")
    handle = receive(url)[0]["ReceiptHandle"]
    refused("InvalidParameterValue", 400, sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=43201)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=handle)
    refused("InvalidParameterValue", 400, sqs.change_message_visibility, QueueUrl=url, ReceiptHandle=handle, VisibilityTimeout=5)


def delays():
    url = queue("delays")
    sqs.send_message(QueueUrl=url, MessageBody="later", DelaySeconds=1)
    expect("before", bodies(receive(url)), [])
    expect("after", bodies(receive(url, wait=10)), ["later"])


def batches():
    url = queue("batches")
    sent = sqs.send_message_batch(
        QueueUrl=url,
        Entries=[{"Id": str(i), "MessageBody": f"m{i}"} for i in range(9)] + [{"Id": "bad", "MessageBody": "\x01"}],
    )
    expect("sent", [s["Id"] for s in sent["Successful"]], [str(i) for i in range(9)])
    expect("not sent", [(f["Id"], f["Code"], f["SenderFault"]) for f in sent["Failed"]], [("bad", "InvalidMessageContents", True)])
    got = receive(url)
    expect("received", sorted(bodies(got)), [f"m{i}" for i in range(9)])
    entries = [{"Id": str(i), "ReceiptHandle": m["ReceiptHandle"]} for i, m in enumerate(got)] + [{"Id": "bad", "ReceiptHandle": "x"}]
    changed = sqs.change_message_visibility_batch(QueueUrl=url, Entries=[{**e, "VisibilityTimeout": 100} for e in entries])
    expect("changed", len(changed["Successful"]), 9)
    expect("not changed", [(f["Id"], f["Code"]) for f in changed["Failed"]], [("bad", "ReceiptHandleIsInvalid")])
    deleted = sqs.delete_message_batch(QueueUrl=url, Entries=entries)
    expect("deleted", len(deleted["Successful"]), 9)
    expect("not deleted", [(f["Id"], f["Code"]) for f in deleted["Failed"]], [("bad", "ReceiptHandleIsInvalid")])
    counts = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]
    expect("left", [counts["ApproximateNumberOfMessages"], counts["ApproximateNumberOfMessagesNotVisible"]], ["0", "0"])
    entry = {"Id": "a", "MessageBody": "m"}
    prefix = "AWS.SimpleQueueService."
    refused(prefix + "EmptyBatchRequest", 400, sqs.send_message_batch, QueueUrl=url, Entries=[])
    refused(prefix + "TooManyEntriesInBatchRequest", 400, sqs.send_message_batch, QueueUrl=url, Entries=[{**entry, "Id": str(i)} for i in range(11)])
    refused(prefix + "BatchEntryIdsNotDistinct", 400, sqs.send_message_batch, QueueUrl=url, Entries=[entry, entry])
    refused(prefix + "InvalidBatchEntryId", 400, sqs.send_message_batch, QueueUrl=url, Entries=[{**entry, "Id": "a b"}])
    half = "m" * (1 << 19)
    refused(
        prefix + "BatchRequestTooLong", 400,
        sqs.send_message_batch, QueueUrl=url, Entries=[{"Id": "a", "MessageBody": half}, {"Id": "b", "MessageBody": half + "m"}],
    )


def purge():
    url = queue("purge")
    sqs.send_message(QueueUrl=url, MessageBody="m")
    sqs.purge_queue(QueueUrl=url)
    expect("after", receive(url), [])
    error = refused("AWS.SimpleQueueService.PurgeQueueInProgress", 403, sqs.purge_queue, QueueUrl=url)
    expect("its class", type(error).__name__, "PurgeQueueInProgress")


def tags():
    url = sqs.create_queue(QueueName="boto-tags", tags={"team": "web", "empty": ""})["QueueUrl"]
    sqs.tag_queue(QueueUrl=url, Tags={"team": "hooks", "größe": "<&>"})
    expect("tagged", sqs.list_queue_tags(QueueUrl=url)["Tags"], {"team": "hooks", "empty": "", "größe": "<&>"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["team", "empty", "nowhere"])
    expect("untagged", sqs.list_queue_tags(QueueUrl=url)["Tags"], {"größe": "<&>"})
    sqs.untag_queue(QueueUrl=url, TagKeys=["größe"])
    expect("none", "Tags" in sqs.list_queue_tags(QueueUrl=url), False)


def permissions():
    url = queue("permissions")
    sqs.add_permission(QueueUrl=url, Label="senders", AWSAccountIds=["111122223333", "444455556666"], Actions=["SendMessage", "GetQueueUrl"])
    policy = json.loads(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"])["Attributes"]["Policy"])
    statement = policy["Statement"][0]
    expect("the label", statement["Sid"], "senders")
    expect("the actions", sorted(statement["Action"]), ["SQS:GetQueueUrl", "SQS:SendMessage"])
    expect("the effect", statement["Effect"], "Allow")
    expect("the accounts", sorted(statement["Principal"]["AWS"]), ["arn:aws:iam::111122223333:root", "arn:aws:iam::444455556666:root"])
    refused("InvalidParameterValue", 400, sqs.add_permission, QueueUrl=url, Label="senders", AWSAccountIds=["111122223333"], Actions=["*"])
    sqs.remove_permission(QueueUrl=url, Label="senders")
    expect("no policy", "Attributes" in sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["Policy"]), False)
    refused("InvalidParameterValue", 400, sqs.remove_permission, QueueUrl=url, Label="senders")


def dead_letters():
    dead = queue("dead")
    policy = json.dumps({"deadLetterTargetArn": arn(dead), "maxReceiveCount": "2"})
    url = queue("source", VisibilityTimeout="0", RedrivePolicy=policy)
    sent = sqs.send_message(QueueUrl=url, MessageBody="m", MessageAttributes={"a": {"DataType": "String", "StringValue": "v"}})
    expect("first and second receive", [len(receive(url)), len(receive(url))], [1, 1])
    expect("third receive", receive(url), [])
    got = receive(dead)
    expect("in the dead letter queue", bodies(got), ["m"])
    expect("its id", got[0]["MessageId"], sent["MessageId"])
    expect("its attributes", got[0]["MessageAttributes"]["a"]["StringValue"], "v")
    expect("its receives", got[0]["Attributes"]["ApproximateReceiveCount"], "3")
    expect("its source", got[0]["Attributes"].get("DeadLetterQueueSourceArn"), arn(url))
    expect("sources", sqs.list_dead_letter_source_queues(QueueUrl=dead)["queueUrls"], [url])
    expect("the policy", json.loads(sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["RedrivePolicy"])["Attributes"]["RedrivePolicy"])["deadLetterTargetArn"], arn(dead))
    sqs.set_queue_attributes(QueueUrl=url, Attributes={"RedrivePolicy": ""})
    expect("no sources", sqs.list_dead_letter_source_queues(QueueUrl=dead).get("queueUrls", []), [])
    bad = json.dumps({"deadLetterTargetArn": arn(dead) + "-nowhere", "maxReceiveCount": 2})
    refused("InvalidParameterValue", 400, queue, name="source-2", RedrivePolicy=bad)


def fifo():
    url = queue("fifo.fifo", FifoQueue="true", ContentBasedDeduplication="true", VisibilityTimeout="30")
    sequence = []
    for body in ["1", "2", "3", "3"]:
        sequence.append(sqs.send_message(QueueUrl=url, MessageBody=body, MessageGroupId="g")["SequenceNumber"])
    expect("sequence numbers are of twenty digits", {len(n) for n in sequence}, {20})
    expect("they rise", sorted(sequence[:3]) == sequence[:3] and len(set(sequence[:3])) == 3, True)
    expect("a duplicate has the first one's", sequence[3], sequence[2])
    sqs.send_message(QueueUrl=url, MessageBody="other", MessageGroupId="h")
    first = sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"][0]
    expect("the first", first["Body"], "1")
    expect("its group", first["Attributes"]["MessageGroupId"], "g")
    expect("its sequence number", first["Attributes"]["SequenceNumber"], sequence[0])
    expect("its deduplication id", first["Attributes"]["MessageDeduplicationId"], hashlib.sha256(b"1").hexdigest())
    expect("only the other group goes on", bodies(receive(url)), ["other"])
    sqs.delete_message(QueueUrl=url, ReceiptHandle=first["ReceiptHandle"])
    expect("then the rest, in order", bodies(receive(url)), ["2", "3"])
    refused("MissingParameter", 400, sqs.send_message, QueueUrl=url, MessageBody="m")
    refused("InvalidParameterValue", 400, sqs.send_message, QueueUrl=url, MessageBody="m", MessageGroupId="g", DelaySeconds=5)
    own = queue("own.fifo", FifoQueue="true")
    refused("InvalidParameterValue", 400, sqs.send_message, QueueUrl=own, MessageBody="m", MessageGroupId="g")
    twice = [sqs.send_message(QueueUrl=own, MessageBody=b, MessageGroupId="g", MessageDeduplicationId="d")["MessageId"] for b in "ab"]
    expect("the id of a duplicate", twice[0], twice[1])
    expect("one of two with an id", bodies(receive(own)), ["a"])
    refused("InvalidParameterValue", 400, sqs.create_queue, QueueName="boto-name", Attributes={"FifoQueue": "true"})


for run in [
    queues, listing, attributes, messages, message_attributes, visibility, delays, batches, purge, tags, permissions, dead_letters, fifo,
]:
    case = run.__name__
    try:
        run()
    except Exception as error:  # a case that breaks must not hide those after it
        expect("to the end", f"{type(error).__name__}: {error}", "no exception")
print(f"boto3 {boto3.__version__}: {held} expectations held, {len(failures)} did not")
sys.exit(1 if failures else 0)
