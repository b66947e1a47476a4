package localsqs_test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
)

func (c *conversation) tags(url string) *answer {
	c.t.Helper()
	return c.ok("ListQueueTags", params{"QueueUrl": url})
}

func TestTagsAreAddedReplacedAndTakenAway(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.ok("CreateQueue", params{"QueueName": "letters", "tags": params{"team": "web", "empty": ""}}).at("QueueUrl")
		c.ok("TagQueue", params{"QueueUrl": url, "Tags": params{"Team": "other case", "team": "hooks", "größe": "<&>"}})
		got := c.tags(url)
		got.has(4, "Tags")
		got.is("Tags/team", "hooks", "Tags/Team", "other case", "Tags/empty", "", "Tags/größe", "<&>")
		c.ok("UntagQueue", params{"QueueUrl": url, "TagKeys": list{"team", "nowhere", "empty"}})
		got = c.tags(url)
		got.has(2, "Tags")
		got.is("Tags/Team", "other case")
	})
}

func TestQueueWithoutTagsListsNone(t *testing.T) {
	inEachProtocol(t, func(c *conversation) { c.tags(c.queue("letters", nil)).has(0, "Tags") })
}

func TestTagsGoWithTheirQueue(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		url := c.ok("CreateQueue", params{"QueueName": "letters", "tags": params{"team": "web"}}).at("QueueUrl")
		c.ok("CreateQueue", params{"QueueName": "letters"}) // tags make no difference between queues
		c.tags(url).has(1, "Tags")
		c.ok("DeleteQueue", params{"QueueUrl": url})
		c.tags(c.queue("letters", nil)).has(0, "Tags")
	})
}

func TestFiftyTagsAreAccepted(t *testing.T) {
	inEachProtocol(t, func(c *conversation) {
		all := params{}
		for i := range 50 {
			all[fmt.Sprint("key-", i)] = strings.Repeat("v", 256)
		}
		url := c.queue("letters", nil)
		c.ok("TagQueue", params{"QueueUrl": url, "Tags": all})
		c.tags(url).has(50, "Tags")
	})
}

func TestTagsAndPermissionsThatSQSRefusesAreRefused(t *testing.T) {
	type refused struct {
		request
		want refusal
	}
	permission := func(more params) params {
		return with(params{"QueueUrl": lettersURL, "Label": "new", "AWSAccountIds": list{"111122223333"}, "Actions": list{"SendMessage"}}, more)
	}
	cases := []refused{
		{request{"tag no URL", "TagQueue", params{"Tags": params{"a": "b"}}}, missing},
		{request{"tag no queue", "TagQueue", params{"QueueUrl": nowhereURL, "Tags": params{"a": "b"}}}, noQueue},
		{request{"tag with nothing", "TagQueue", params{"QueueUrl": lettersURL}}, missing},
		{request{"tag with a key of 129", "TagQueue", params{"QueueUrl": lettersURL, "Tags": params{strings.Repeat("k", 129): "v"}}}, badValue},
		{request{"tag with a value of 257", "TagQueue", params{"QueueUrl": lettersURL, "Tags": params{"k": strings.Repeat("v", 257)}}}, badValue},
		{request{"untag no queue", "UntagQueue", params{"QueueUrl": nowhereURL, "TagKeys": list{"a"}}}, noQueue},
		{request{"untag nothing", "UntagQueue", params{"QueueUrl": lettersURL}}, missing},
		{request{"tags of no URL", "ListQueueTags", nil}, missing},
		{request{"tags of no queue", "ListQueueTags", params{"QueueUrl": nowhereURL}}, noQueue},
		{request{"permission on no queue", "AddPermission", permission(params{"QueueUrl": nowhereURL})}, noQueue},
		{request{"permission without a queue", "AddPermission", permission(params{"QueueUrl": nil})}, missing},
		{request{"permission without a label", "AddPermission", permission(params{"Label": nil})}, missing},
		{request{"permission without accounts", "AddPermission", permission(params{"AWSAccountIds": nil})}, missing},
		{request{"permission without actions", "AddPermission", permission(params{"Actions": nil})}, missing},
		{request{"permission with a label that there is", "AddPermission", permission(params{"Label": "there"})}, badValue},
		{request{"permission for an unknown action", "AddPermission", permission(params{"Actions": list{"Dance"}})}, badValue},
		{request{"permission with a bad label", "AddPermission", permission(params{"Label": "a b"})}, badValue},
		{request{"remove a permission of no queue", "RemovePermission", params{"QueueUrl": nowhereURL, "Label": "there"}}, noQueue},
		{request{"remove a permission without a label", "RemovePermission", params{"QueueUrl": lettersURL}}, missing},
		{request{"remove a permission that there is not", "RemovePermission", params{"QueueUrl": lettersURL, "Label": "nowhere"}}, badValue},
		{request{"a policy that is no JSON", "SetQueueAttributes", setting("Policy", "{")}, badSetting},
	}
	prepare := func(c *conversation) {
		c.queue("letters", nil)
		c.ok("AddPermission", permission(params{"Label": "there"}))
	}
	askEach(t, prepare, cases,
		func(c refused) request { return c.request },
		func(a *answer, c refused) { a.refused(c.want) })
}

func TestPermissionsInBothProtocolsAreThePolicy(t *testing.T) {
	type statement struct {
		Sid, Effect string
		Principal   struct{ AWS any }
		Action      any
		Resource    string
	}
	inEachProtocol(t, func(c *conversation) {
		url := c.queue("letters", nil)
		c.ok("AddPermission", params{"QueueUrl": url, "Label": "one", "AWSAccountIds": list{"111122223333"}, "Actions": list{"SendMessage"}})
		c.ok("AddPermission", params{"QueueUrl": url, "Label": "two", "AWSAccountIds": list{"111122223333", "444455556666"}, "Actions": list{"*"}})
		var policy struct {
			Version   string
			Statement []statement
		}
		if err := json.Unmarshal([]byte(c.attribute(url, "Policy")), &policy); err != nil || len(policy.Statement) != 2 {
			c.t.Fatalf("%v: %s", err, c.attribute(url, "Policy"))
		}
		one, two := policy.Statement[0], policy.Statement[1]
		if one.Sid != "one" || one.Effect != "Allow" || one.Resource != arnOf("letters") || one.Action != "SQS:SendMessage" || one.Principal.AWS != "arn:aws:iam::111122223333:root" {
			c.t.Errorf("%+v", one)
		}
		if accounts, _ := two.Principal.AWS.([]any); two.Action != "SQS:*" || len(accounts) != 2 || !slices.Contains(accounts, any("arn:aws:iam::444455556666:root")) {
			c.t.Errorf("%+v", two)
		}
		c.ok("RemovePermission", params{"QueueUrl": url, "Label": "one"})
		if got := c.attribute(url, "Policy"); strings.Contains(got, `"one"`) || !strings.Contains(got, `"two"`) {
			c.t.Error(got)
		}
		c.ok("RemovePermission", params{"QueueUrl": url, "Label": "two"})
		if got := c.attribute(url, "Policy"); got != "" {
			c.t.Error(got)
		}
	})
}
