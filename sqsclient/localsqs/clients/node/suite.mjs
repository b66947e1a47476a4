// Every SQS operation by the SDK for JavaScript: the AWS JSON protocol.
//
// Talks to AWS_ENDPOINT_URL_SQS, and prints a line for each expectation that does not hold.
import { createHash } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as SQS from "@aws-sdk/client-sqs";

const endpoint = process.env.AWS_ENDPOINT_URL_SQS;
const sqs = new SQS.SQS({ maxAttempts: 1 }); // the endpoint is the environment's

let failures = 0;
let held = 0;
let current = "";

function expect(what, got, want) {
  if (isDeepStrictEqual(got, want)) {
    held++;
    return;
  }
  failures++;
  console.log(`node: ${current}: ${what}: expected ${JSON.stringify(want)}, got ${JSON.stringify(got)}`);
}

// refused expects an error of a class of the SDK's, or of a name where it has no class, and AWS's older code in it.
async function refused(name, code, status, call) {
  try {
    await call;
  } catch (error) {
    expect("the error's name", error.name, name);
    if (SQS[name]) expect(`${name}: of its class`, error instanceof SQS[name], true);
    expect(`${name}: its older code`, error.Code ?? error.Error?.Code, code);
    expect(`${name}: its status`, error.$metadata?.httpStatusCode, status);
    expect(`${name}: whose fault`, error.$fault, "client");
    expect(`${name}: has a message`, Boolean(error.message), true);
    return;
  }
  expect("the call", "no error", name);
}

const prefix = "AWS.SimpleQueueService.";
const invalid = (call) => refused("InvalidParameterValue", "InvalidParameterValue", 400, call);
const gone = (call) => refused("QueueDoesNotExist", prefix + "NonExistentQueue", 400, call);
const notFound = (call) => refused("ResourceNotFoundException", "ResourceNotFoundException", 404, call);

const queue = async (name, Attributes) => (await sqs.createQueue({ QueueName: `node-${name}`, Attributes })).QueueUrl;
const attributes = async (QueueUrl, ...AttributeNames) => (await sqs.getQueueAttributes({ QueueUrl, AttributeNames })).Attributes;
const arn = async (url) => (await attributes(url, "QueueArn")).QueueArn;
const bodies = (messages) => messages.map((m) => m.Body);
const md5 = (text) => createHash("md5").update(text).digest("hex");

async function receive(QueueUrl, more = {}) {
  const answer = await sqs.receiveMessage({
    QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0, MessageSystemAttributeNames: ["All"], MessageAttributeNames: ["All"], ...more,
  });
  return answer.Messages ?? [];
}

const cases = {
  async queues() {
    const url = await queue("queues", { VisibilityTimeout: "60" });
    expect("the URL", url, `${endpoint}/000000000000/node-queues`);
    expect("the URL, asked for", (await sqs.getQueueUrl({ QueueName: "node-queues" })).QueueUrl, url);
    expect("the same again", await queue("queues", { VisibilityTimeout: "60" }), url);
    await refused("QueueNameExists", "QueueAlreadyExists", 400, queue("queues", { VisibilityTimeout: "61" }));
    await invalid(sqs.createQueue({ QueueName: "node queues" }));
    await refused("InvalidAttributeName", "InvalidAttributeName", 400, queue("x", { Colour: "red" }));
    await refused("InvalidAttributeValue", "InvalidAttributeValue", 400, queue("x", { DelaySeconds: "901" }));
    await gone(sqs.getQueueUrl({ QueueName: "node-nowhere" }));
    await sqs.deleteQueue({ QueueUrl: url });
    await gone(sqs.sendMessage({ QueueUrl: url, MessageBody: "m" }));
  },

  async listing() {
    for (let i = 0; i < 5; i++) await queue(`listed-${i}`);
    const pages = [];
    for await (const page of SQS.paginateListQueues({ client: sqs, pageSize: 2 }, { QueueNamePrefix: "node-listed-" })) pages.push(page.QueueUrls);
    expect("queues a page", pages.map((p) => p.length), [2, 2, 1]);
    expect("queues", pages.flat().map((u) => u.split("/").pop()), [0, 1, 2, 3, 4].map((i) => `node-listed-${i}`));
    expect("no queues", (await sqs.listQueues({ QueueNamePrefix: "node-none-" })).QueueUrls, undefined);
  },

  async attributes() {
    const url = await queue("attributes", { DelaySeconds: "3" });
    await sqs.setQueueAttributes({ QueueUrl: url, Attributes: { VisibilityTimeout: "77" } });
    expect("some", await attributes(url, "VisibilityTimeout", "DelaySeconds"), { VisibilityTimeout: "77", DelaySeconds: "3" });
    const all = await attributes(url, "All");
    expect("the retention", all.MessageRetentionPeriod, "345600");
    expect("the ARN", all.QueueArn, "arn:aws:sqs:us-east-1:000000000000:node-attributes");
    await refused("InvalidAttributeName", "InvalidAttributeName", 400, attributes(url, "Colour"));
  },

  async messages() {
    const url = await queue("messages");
    for (const body of ["m", "a\rb\r\nc", "größe 日本語 \u{1F600}", "<a>&amp;]]></a>", "\u0085\u2028", '{"n":1.0}', "\\u0041"]) {
      const sent = await sqs.sendMessage({ QueueUrl: url, MessageBody: body }); // the SDK checks the digest
      expect("the digest", sent.MD5OfMessageBody, md5(body));
      const got = await receive(url);
      expect("the body", bodies(got), [body]);
      expect("the id", got[0].MessageId, sent.MessageId);
      await sqs.deleteMessage({ QueueUrl: url, ReceiptHandle: got[0].ReceiptHandle });
    }
    expect("when empty", (await sqs.receiveMessage({ QueueUrl: url })).Messages, undefined);
    await refused("InvalidMessageContents", "InvalidMessageContents", 400, sqs.sendMessage({ QueueUrl: url, MessageBody: "\u0001" }));
    await refused("MissingParameter", "MissingParameter", 400, sqs.sendMessage({ QueueUrl: url, MessageBody: "" }));
    await invalid(sqs.sendMessage({ QueueUrl: url, MessageBody: "m".repeat(2 ** 20 + 1) }));
    await invalid(sqs.receiveMessage({ QueueUrl: url, MaxNumberOfMessages: 11 }));
    await refused("ReceiptHandleIsInvalid", "ReceiptHandleIsInvalid", 400, sqs.deleteMessage({ QueueUrl: url, ReceiptHandle: "x" }));
  },

  async messageAttributes() {
    const url = await queue("message-attributes", { VisibilityTimeout: "0" });
    const MessageAttributes = {
      bytes: { DataType: "Binary.png", BinaryValue: Uint8Array.from({ length: 256 }, (_, i) => i) },
      number: { DataType: "Number", StringValue: "-1.5e3" },
      "text.one": { DataType: "String", StringValue: "größe\r\n<&>" },
    };
    const MessageSystemAttributes = { AWSTraceHeader: { DataType: "String", StringValue: "Root=1-5759e988-bd862e3fe1be46a994272793" } };
    const sent = await sqs.sendMessage({ QueueUrl: url, MessageBody: "m", MessageAttributes, MessageSystemAttributes });
    expect("a digest of the trace", sent.MD5OfMessageSystemAttributes?.length, 32);
    const [got] = await receive(url);
    expect("the attributes' digest", got.MD5OfMessageAttributes, sent.MD5OfMessageAttributes);
    expect("the bytes", [...got.MessageAttributes.bytes.BinaryValue], [...MessageAttributes.bytes.BinaryValue]);
    expect("the number", got.MessageAttributes.number, MessageAttributes.number);
    expect("the text", got.MessageAttributes["text.one"], MessageAttributes["text.one"]);
    expect("the trace", got.Attributes.AWSTraceHeader, MessageSystemAttributes.AWSTraceHeader.StringValue);
    const [some] = await receive(url, { MessageSystemAttributeNames: ["ApproximateReceiveCount"], MessageAttributeNames: ["text.*"] });
    expect("some attributes", Object.keys(some.MessageAttributes), ["text.one"]);
    expect("some system attributes", some.Attributes, { ApproximateReceiveCount: "2" });
    await invalid(sqs.sendMessage({ QueueUrl: url, MessageBody: "m", MessageAttributes: { "AWS.x": MessageAttributes.number } }));
  },

  async visibility() {
    const url = await queue("visibility");
    const waiting = receive(url, { WaitTimeSeconds: 20 });
    await sqs.sendMessage({ QueueUrl: url, MessageBody: "m" });
    const [first] = await waiting;
    expect("a long poll", first?.Body, "m");
    expect("while it is held", await receive(url), []);
    await sqs.changeMessageVisibility({ QueueUrl: url, ReceiptHandle: first.ReceiptHandle, VisibilityTimeout: 1 });
    const [second] = await receive(url, { WaitTimeSeconds: 10 });
    expect("the receive count, once its second is over", second?.Attributes.ApproximateReceiveCount, "2");
    const change = { QueueUrl: url, ReceiptHandle: second.ReceiptHandle, VisibilityTimeout: 0 };
    await sqs.changeMessageVisibility(change);
    await refused("MessageNotInflight", prefix + "MessageNotInflight", 400, sqs.changeMessageVisibility(change));
    const [third] = await receive(url);
    await invalid(sqs.changeMessageVisibility({ ...change, ReceiptHandle: third.ReceiptHandle, VisibilityTimeout: 43201 }));
    await sqs.sendMessage({ QueueUrl: url, MessageBody: "later", DelaySeconds: 1 });
    expect("before its delay is over", await receive(url), []);
    expect("once its delay is over", bodies(await receive(url, { WaitTimeSeconds: 10 })), ["later"]);
  },

  async batches() {
    const url = await queue("batches");
    const Entries = Array.from({ length: 9 }, (_, i) => ({ Id: `${i}`, MessageBody: `m${i}` }));
    const sent = await sqs.sendMessageBatch({ QueueUrl: url, Entries: [...Entries, { Id: "bad", MessageBody: "\u0001" }] });
    expect("sent", sent.Successful.map((s) => s.Id), Entries.map((e) => e.Id));
    expect("not sent", sent.Failed.map((f) => [f.Id, f.Code, f.SenderFault]), [["bad", "InvalidMessageContents", true]]);
    const got = await receive(url);
    expect("received", bodies(got).sort(), Entries.map((e) => e.MessageBody));
    const handles = [...got.map((m, i) => ({ Id: `${i}`, ReceiptHandle: m.ReceiptHandle })), { Id: "bad", ReceiptHandle: "x" }];
    const changed = await sqs.changeMessageVisibilityBatch({ QueueUrl: url, Entries: handles.map((e) => ({ ...e, VisibilityTimeout: 100 })) });
    expect("changed and not", [changed.Successful.length, changed.Failed.map((f) => f.Code)], [9, ["ReceiptHandleIsInvalid"]]);
    const deleted = await sqs.deleteMessageBatch({ QueueUrl: url, Entries: handles });
    expect("deleted and not", [deleted.Successful.length, deleted.Failed.map((f) => f.Code)], [9, ["ReceiptHandleIsInvalid"]]);
    const of = (...all) => sqs.sendMessageBatch({ QueueUrl: url, Entries: all });
    const one = { Id: "a", MessageBody: "m" };
    for (const [name, call] of [
      ["EmptyBatchRequest", () => of()],
      ["TooManyEntriesInBatchRequest", () => of(...Array.from({ length: 11 }, (_, i) => ({ ...one, Id: `${i}` })))],
      ["BatchEntryIdsNotDistinct", () => of(one, one)],
      ["InvalidBatchEntryId", () => of({ ...one, Id: "a b" })],
      ["BatchRequestTooLong", () => of({ ...one, MessageBody: "m".repeat(2 ** 19) }, { Id: "b", MessageBody: "m".repeat(2 ** 19 + 1) })],
    ]) await refused(name, prefix + name, 400, call());
  },

  async purge() {
    const url = await queue("purge");
    await sqs.sendMessage({ QueueUrl: url, MessageBody: "m" });
    await sqs.purgeQueue({ QueueUrl: url });
    expect("after", await receive(url), []);
    await refused("PurgeQueueInProgress", prefix + "PurgeQueueInProgress", 403, sqs.purgeQueue({ QueueUrl: url }));
  },

  async tags() {
    const url = (await sqs.createQueue({ QueueName: "node-tags", tags: { team: "web", empty: "" } })).QueueUrl;
    await sqs.tagQueue({ QueueUrl: url, Tags: { team: "hooks", größe: "<&>" } });
    expect("tagged", (await sqs.listQueueTags({ QueueUrl: url })).Tags, { team: "hooks", empty: "", größe: "<&>" });
    await sqs.untagQueue({ QueueUrl: url, TagKeys: ["team", "empty", "nowhere"] });
    expect("untagged", (await sqs.listQueueTags({ QueueUrl: url })).Tags, { größe: "<&>" });
  },

  async permissions() {
    const url = await queue("permissions");
    await sqs.addPermission({ QueueUrl: url, Label: "senders", AWSAccountIds: ["111122223333"], Actions: ["SendMessage"] });
    const { Statement } = JSON.parse((await attributes(url, "Policy")).Policy);
    expect("the statement", [Statement[0].Sid, Statement[0].Effect, Statement[0].Action], ["senders", "Allow", "SQS:SendMessage"]);
    await invalid(sqs.addPermission({ QueueUrl: url, Label: "senders", AWSAccountIds: ["111122223333"], Actions: ["*"] }));
    await sqs.removePermission({ QueueUrl: url, Label: "senders" });
    await invalid(sqs.removePermission({ QueueUrl: url, Label: "senders" }));
  },

  async deadLetters() {
    const dead = await queue("dead");
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: await arn(dead), maxReceiveCount: 1 });
    const url = await queue("source", { VisibilityTimeout: "0", RedrivePolicy });
    const sent = await sqs.sendMessage({ QueueUrl: url, MessageBody: "m" });
    expect("first receive", bodies(await receive(url)), ["m"]);
    expect("second receive", await receive(url), []);
    const [got] = await receive(dead, { VisibilityTimeout: 0 });
    expect("in the dead letter queue", [got?.MessageId, got?.Attributes.DeadLetterQueueSourceArn], [sent.MessageId, await arn(url)]);
    expect("sources", (await sqs.listDeadLetterSourceQueues({ QueueUrl: dead })).queueUrls, [url]);
    expect("no sources", (await sqs.listDeadLetterSourceQueues({ QueueUrl: url })).queueUrls, []);
    await gone(sqs.listDeadLetterSourceQueues({ QueueUrl: `${endpoint}/000000000000/node-nowhere` }));
  },

  async moveTasks() {
    const dead = await queue("moved-dead");
    const SourceArn = await arn(dead);
    const RedrivePolicy = JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 });
    const url = await queue("moved-source", { VisibilityTimeout: "0", RedrivePolicy });
    for (const body of ["a", "b"]) await sqs.sendMessage({ QueueUrl: url, MessageBody: body });
    await receive(url);
    await receive(url);
    const { TaskHandle } = await sqs.startMessageMoveTask({ SourceArn });
    expect("a handle", Boolean(TaskHandle), true);
    const back = [];
    for (let i = 0; i < 5 && back.length < 2; i++) back.push(...await receive(url, { WaitTimeSeconds: 5, VisibilityTimeout: 60 }));
    expect("back in their source", bodies(back).sort(), ["a", "b"]);
    const finished = await listed(SourceArn, "COMPLETED");
    expect("the task", [finished.Status, finished.ApproximateNumberOfMessagesMoved, finished.ApproximateNumberOfMessagesToMove, finished.TaskHandle], ["COMPLETED", 2, 2, undefined]);
    for (let i = 0; i < 5; i++) await sqs.sendMessage({ QueueUrl: dead, MessageBody: `slow ${i}` });
    const slow = await sqs.startMessageMoveTask({ SourceArn, DestinationArn: await arn(url), MaxNumberOfMessagesPerSecond: 1 });
    const running = (await sqs.listMessageMoveTasks({ SourceArn })).Results[0];
    expect("the running task", [running.Status, running.TaskHandle, running.MaxNumberOfMessagesPerSecond], ["RUNNING", slow.TaskHandle, 1]);
    await invalid(sqs.startMessageMoveTask({ SourceArn }));
    const cancelled = await sqs.cancelMessageMoveTask({ TaskHandle: slow.TaskHandle });
    expect("how many were moved is told", Number.isInteger(cancelled.ApproximateNumberOfMessagesMoved), true);
    await notFound(sqs.startMessageMoveTask({ SourceArn: SourceArn + "-nowhere" }));
    await notFound(sqs.listMessageMoveTasks({ SourceArn: SourceArn + "-nowhere" }));
    await invalid(sqs.startMessageMoveTask({ SourceArn: await arn(url) }));
    await invalid(sqs.cancelMessageMoveTask({ TaskHandle: "x" }));
  },

  async fifo() {
    const url = await queue("fifo.fifo", { FifoQueue: "true", ContentBasedDeduplication: "true" });
    const numbers = [];
    for (const MessageBody of ["1", "2", "3", "3"]) numbers.push((await sqs.sendMessage({ QueueUrl: url, MessageBody, MessageGroupId: "g" })).SequenceNumber);
    expect("sequence numbers rise", numbers.slice(0, 3), numbers.slice(0, 3).toSorted());
    expect("a duplicate has the first one's", numbers[3], numbers[2]);
    await sqs.sendMessage({ QueueUrl: url, MessageBody: "other", MessageGroupId: "h" });
    const [first] = await receive(url, { MaxNumberOfMessages: 1 });
    expect("the first", [first.Body, first.Attributes.MessageGroupId, first.Attributes.SequenceNumber], ["1", "g", numbers[0]]);
    expect("only the other group goes on", bodies(await receive(url)), ["other"]);
    await sqs.deleteMessage({ QueueUrl: url, ReceiptHandle: first.ReceiptHandle });
    expect("then the rest, in order", bodies(await receive(url)), ["2", "3"]);
    await refused("MissingParameter", "MissingParameter", 400, sqs.sendMessage({ QueueUrl: url, MessageBody: "m" }));
    await invalid(sqs.sendMessage({ QueueUrl: url, MessageBody: "m", MessageGroupId: "g", DelaySeconds: 5 }));
    const own = await queue("own.fifo", { FifoQueue: "true" });
    await invalid(sqs.sendMessage({ QueueUrl: own, MessageBody: "m", MessageGroupId: "g" }));
    for (const MessageBody of ["a", "b"]) await sqs.sendMessage({ QueueUrl: own, MessageBody, MessageGroupId: "g", MessageDeduplicationId: "d" });
    expect("one of two with an id", bodies(await receive(own)), ["a"]);
  },
};

// listed is the latest task of a source, asked for until it has the status, at most a hundred times.
async function listed(SourceArn, status) {
  let task;
  for (let i = 0; i < 100 && task?.Status !== status; i++) [task] = (await sqs.listMessageMoveTasks({ SourceArn })).Results;
  return task;
}

for (const [name, run] of Object.entries(cases)) {
  current = name;
  try {
    await run();
  } catch (error) {
    expect("to the end", `${error.name}: ${error.message}`, "no exception"); // and on to the next case
  }
}
console.log(`node: ${held} expectations held, ${failures} did not`);
process.exitCode = failures ? 1 : 0;
