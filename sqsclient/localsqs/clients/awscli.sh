#!/usr/bin/env bash
# Every SQS operation by the AWS CLI 2.9, as Debian 12 has it: the AWS Query protocol.
#
# Talks to AWS_ENDPOINT_URL_SQS, and prints a line for each expectation that does not hold. Message move tasks are not
# here: this CLI is older than they are.
set -uo pipefail

calls=0
failures=0
none=None # how the CLI prints that there is nothing
out=''    # of the latest call, and its errors
endpoint=$AWS_ENDPOINT_URL_SQS
export AWS_MAX_ATTEMPTS=1 AWS_PAGER='' AWS_EC2_METADATA_DISABLED=true

# sqs calls the CLI; the answer is text, without the newline at its end.
sqs() {
	calls=$((calls + 1))
	out=$(/usr/bin/aws --endpoint-url "$endpoint" --output text sqs "$@" 2>&1)
}

failed() {
	failures=$((failures + 1))
	printf 'awscli: %s\n' "$1"
}

# expect WHAT WANT CALL...: the call succeeds and prints what is wanted.
expect() {
	local what=$1 want=$2
	shift 2
	if ! sqs "$@"; then
		failed "$what: expected \"$want\", got an error: ${out//$'\n'/ }"
	elif [ "$out" != "$want" ]; then
		failed "$what: expected $(printf %q "$want"), got $(printf %q "$out")"
	fi
}

# does CALL...: the call succeeds.
does() {
	sqs "$@" || failed "$1: expected no error, got: ${out//$'\n'/ }"
}

# refused CODE CALL...: the call fails with AWS's code.
refused() {
	local code=$1
	shift
	if sqs "$@"; then
		failed "$1: expected $code, got no error: ${out//$'\n'/ }"
	elif [[ $out != *"($code)"* ]]; then
		failed "$1: expected $code, got: ${out//$'\n'/ }"
	fi
}

# queue NAME [ATTRIBUTES]: makes a queue, whose URL is then in $url.
queue() {
	url=$endpoint/000000000000/cli-$1
	expect "the URL of $1" "$url" create-queue --queue-name "cli-$1" ${2:+--attributes "$2"}
}

# receive WANT ARGUMENTS...: receives bodies, of $url, and keeps the first handle in $handle.
receive() {
	local want=$1 got
	shift
	sqs receive-message --queue-url "$url" --query 'Messages[].[ReceiptHandle,Body]' "$@" || failed "receive: ${out//$'\n'/ }"
	[ "$out" = "$none" ] || handle=${out%%$'\t'*}
	got=$(cut -f2 <<<"$out")
	[ "$got" = "$want" ] || failed "receive: expected $(printf %q "$want"), got $(printf %q "$got")"
}

queue first VisibilityTimeout=60,DelaySeconds=0
expect 'the same queue again' "$url" create-queue --queue-name cli-first --attributes VisibilityTimeout=60
refused QueueAlreadyExists create-queue --queue-name cli-first --attributes VisibilityTimeout=61
refused InvalidParameterValue create-queue --queue-name 'cli first'
refused InvalidAttributeName create-queue --queue-name cli-x --attributes Colour=red
refused InvalidAttributeValue create-queue --queue-name cli-x --attributes DelaySeconds=901
expect 'its URL, asked for' "$url" get-queue-url --queue-name cli-first
refused AWS.SimpleQueueService.NonExistentQueue get-queue-url --queue-name cli-nowhere

does set-queue-attributes --queue-url "$url" --attributes VisibilityTimeout=77
expect 'attributes' $'0\t77' get-queue-attributes --queue-url "$url" --attribute-names All --query 'Attributes.[DelaySeconds,VisibilityTimeout]'
expect 'one attribute' arn:aws:sqs:us-east-1:000000000000:cli-first get-queue-attributes --queue-url "$url" --attribute-names QueueArn --query 'Attributes.QueueArn'
refused InvalidAttributeName get-queue-attributes --queue-url "$url" --attribute-names Colour
does delete-queue --queue-url "$url"
refused AWS.SimpleQueueService.NonExistentQueue delete-queue --queue-url "$url"

for i in 0 1 2; do queue "listed-$i"; done
all=$endpoint/000000000000/cli-listed
expect 'queues in pages' "$all-0"$'\t'"$all-1"$'\n'"$all-2" list-queues --queue-name-prefix cli-listed- --page-size 2 --query QueueUrls
expect 'no queues' "$none" list-queues --queue-name-prefix cli-none- --query QueueUrls

queue messages
body=$'größe 日本語 <a>&amp;</a> + %2B a=b&c'
expect 'the digest of a body' "$(printf %s "$body" | md5sum | cut -d' ' -f1)" send-message --queue-url "$url" --message-body "$body" --query MD5OfMessageBody
receive "$body" --visibility-timeout 60
receive "$none"
does change-message-visibility --queue-url "$url" --receipt-handle "$handle" --visibility-timeout 0
does purge-queue --queue-url "$url"
refused AWS.SimpleQueueService.PurgeQueueInProgress purge-queue --queue-url "$url"
refused ReceiptHandleIsInvalid delete-message --queue-url "$url" --receipt-handle x
refused ReceiptHandleIsInvalid change-message-visibility --queue-url "$url" --receipt-handle x --visibility-timeout 5
refused InvalidParameterValue receive-message --queue-url "$url" --max-number-of-messages 11
refused InvalidMessageContents send-message --queue-url "$url" --message-body $'\x01'

queue visibility
does send-message --queue-url "$url" --message-body m --delay-seconds 1
receive m --wait-time-seconds 10 --visibility-timeout 1
receive m --wait-time-seconds 10
does change-message-visibility --queue-url "$url" --receipt-handle "$handle" --visibility-timeout 0
refused AWS.SimpleQueueService.MessageNotInflight change-message-visibility --queue-url "$url" --receipt-handle "$handle" --visibility-timeout 5
expect 'the receive count' 3 receive-message --queue-url "$url" --attribute-names All --query 'Messages[0].Attributes.ApproximateReceiveCount'
does delete-message --queue-url "$url" --receipt-handle "$handle"

queue attributes VisibilityTimeout=0
expect 'the digest of attributes, as AWS documents it' 235c5c510d26fb653d073faed50ae77c send-message --queue-url "$url" --message-body m \
	--message-attributes timestamp='{DataType=Number,StringValue=1493147359900}' --query MD5OfMessageAttributes
expect 'a received attribute' $'Number\t1493147359900' receive-message --queue-url "$url" --message-attribute-names 'time.*' --query 'Messages[0].MessageAttributes.timestamp.[DataType,StringValue]'
does send-message --queue-url "$url" --message-body m --message-attributes '{"bytes":{"DataType":"Binary","BinaryValue":"AAH+/w=="}}' \
	--message-system-attributes '{"AWSTraceHeader":{"DataType":"String","StringValue":"Root=1-2"}}'
expect 'a binary attribute and the trace' $'AAH+/w==\tRoot=1-2' receive-message --queue-url "$url" --max-number-of-messages 10 --message-attribute-names All --attribute-names All \
	--query 'Messages[?MessageAttributes.bytes]|[0].[MessageAttributes.bytes.BinaryValue,Attributes.AWSTraceHeader]'
refused InvalidParameterValue send-message --queue-url "$url" --message-body m --message-attributes 'AWS.x={DataType=String,StringValue=v}'

queue batches
expect 'a batch, with an entry that is refused' $'0,1\tbad\tInvalidMessageContents\tTrue' send-message-batch --queue-url "$url" \
	--entries '[{"Id":"0","MessageBody":"a"},{"Id":"1","MessageBody":"b"},{"Id":"bad","MessageBody":"\u0001"}]' \
	--query '[join(`,`, Successful[].Id), Failed[0].Id, Failed[0].Code, Failed[0].SenderFault]'
receive $'a\nb' --max-number-of-messages 10
expect 'a batch of changes' $'0\tReceiptHandleIsInvalid' change-message-visibility-batch --queue-url "$url" \
	--entries "Id=0,ReceiptHandle=$handle,VisibilityTimeout=60" Id=1,ReceiptHandle=x,VisibilityTimeout=60 --query '[Successful[0].Id, Failed[0].Code]'
expect 'a batch of deletions' $'0\tReceiptHandleIsInvalid' delete-message-batch --queue-url "$url" \
	--entries "Id=0,ReceiptHandle=$handle" Id=1,ReceiptHandle=x --query '[Successful[0].Id, Failed[0].Code]'
expect 'what is left' $'0\t1' get-queue-attributes --queue-url "$url" --attribute-names All --query 'Attributes.[ApproximateNumberOfMessages,ApproximateNumberOfMessagesNotVisible]'
refused AWS.SimpleQueueService.BatchEntryIdsNotDistinct send-message-batch --queue-url "$url" --entries Id=a,MessageBody=m Id=a,MessageBody=m
refused AWS.SimpleQueueService.EmptyBatchRequest send-message-batch --queue-url "$url" --entries '[]'

queue tags
does tag-queue --queue-url "$url" --tags 'team=web,colour=red'
does tag-queue --queue-url "$url" --tags 'team=hooks'
expect 'tags' $'red\thooks' list-queue-tags --queue-url "$url" --query 'Tags.[colour,team]'
does untag-queue --queue-url "$url" --tag-keys team colour
expect 'no tags' "$none" list-queue-tags --queue-url "$url" --query Tags

queue permissions
does add-permission --queue-url "$url" --label senders --aws-account-ids 111122223333 --actions SendMessage GetQueueUrl
sqs get-queue-attributes --queue-url "$url" --attribute-names Policy --query Attributes.Policy
[[ $out == *'"Sid":"senders"'* && $out == *SQS:SendMessage* && $out == *111122223333* ]] || failed "policy: expected a statement named senders, got $out"
refused InvalidParameterValue add-permission --queue-url "$url" --label senders --aws-account-ids 111122223333 --actions SendMessage
does remove-permission --queue-url "$url" --label senders
refused InvalidParameterValue remove-permission --queue-url "$url" --label senders

queue dead
dead=$url
queue source '{"VisibilityTimeout":"0","RedrivePolicy":"{\"deadLetterTargetArn\":\"arn:aws:sqs:us-east-1:000000000000:cli-dead\",\"maxReceiveCount\":\"1\"}"}'
does send-message --queue-url "$url" --message-body m
receive m
receive "$none"
expect 'sources of the dead letter queue' "$url" list-dead-letter-source-queues --queue-url "$dead" --query 'queueUrls'
url=$dead
receive m

queue fifo.fifo FifoQueue=true,ContentBasedDeduplication=true
for body in 1 2 2; do does send-message --queue-url "$url" --message-body "$body" --message-group-id g; done
receive 1
receive "$none"
does delete-message --queue-url "$url" --receipt-handle "$handle"
receive 2
refused MissingParameter send-message --queue-url "$url" --message-body m

printf 'awscli %s: %d calls, %d expectations did not hold\n' "$(/usr/bin/aws --version | cut -d/ -f2 | cut -d' ' -f1)" "$calls" "$failures"
[ "$failures" -eq 0 ]
