# Adds each message of the queue QUEUE_URL to the page in the file PAGE. A message is deleted once it is there: one that could
# not be written comes back, and one may be there twice.
set -u
trap 'exit 0' TERM

while :; do
	message=$(aws sqs receive-message --queue-url "$QUEUE_URL" --wait-time-seconds 20 \
		--query 'Messages[0].[ReceiptHandle,Body]' --output text) || {
		sleep 5
		continue
	}
	case $message in '' | None*) continue ;; esac
	handle=${message%%	*}
	text=$(printf '%s' "${message#*	}" | sed 's/&/\&amp;/g; s/</\&lt;/g')
	printf '<p>%s</p>\n' "$text" >>"$PAGE" &&
		aws sqs delete-message --queue-url "$QUEUE_URL" --receipt-handle "$handle"
done
