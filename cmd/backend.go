package cmd

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"time"

	"rehook/cmd/config"
	"rehook/sqsclient"
)

// backend is where the queues are: on AWS where AWS is configured, else in the embedded server of the state
// directory. The code that uses them does not know which.
type backend struct {
	access   sqsclient.Config
	embedded *embedded // nil on AWS
	profile  string    // of AWS's configuration, where one is named
}

// findBackend decides which, and connects to nothing yet.
func findBackend(cfg *config.Config, report *slog.Logger) (*backend, error) {
	b := &backend{profile: cfg.AWS.Profile, access: sqsclient.Config{
		Queue: cfg.Queue, Parked: cfg.Parked, Claims: cfg.Claims, ClaimsFrom: cfg.ClaimsFrom,
	}}
	if onAWS(cfg) {
		return b, nil
	}
	if err := makeState(cfg); err != nil {
		return nil, err
	}
	b.embedded = newEmbedded(cfg.StateDir, report)
	b.access.DialContext = b.embedded.dial
	b.access.Direct = b.embedded.direct
	if cfg.Claims == "" {
		b.access.Claims = filepath.Join(cfg.StateDir, "claims")
	}
	return b, nil
}

// onAWS says whether anything points to AWS: a variable of its tools, its files, or a queue's URL.
func onAWS(cfg *config.Config) bool {
	if cfg.Local {
		return false
	}
	aws := cfg.AWS
	for _, set := range []string{
		aws.Profile, aws.Region, aws.Endpoint, aws.AccessKeyID, aws.RoleARN, aws.ContainerCredentials, aws.ConfigFile, aws.CredentialsFile,
	} {
		if set != "" {
			return true
		}
	}
	return strings.Contains(cfg.Queue, "://") || hasSharedFiles()
}

// hasSharedFiles looks where the SDK does when no variable names the files.
func hasSharedFiles() bool {
	home, err := os.UserHomeDir()
	if err != nil {
		return false
	}
	for _, name := range []string{"config", "credentials"} {
		if _, err := os.Stat(filepath.Join(home, ".aws", name)); err == nil {
			return true
		}
	}
	return false
}

// open finds both queues.
func (b *backend) open(ctx context.Context) (*sqsclient.Client, error) {
	if err := b.ensure(ctx); err != nil {
		return nil, err
	}
	client, err := sqsclient.Open(ctx, b.access)
	return client, b.unopened(err)
}

// ensure makes embedded queues where they are missing. On AWS that takes "rehook queue ensure".
func (b *backend) ensure(ctx context.Context) error {
	if b.embedded == nil {
		return nil
	}
	_, err := sqsclient.Ensure(ctx, b.access)
	return b.unopened(err)
}

// unopened gives an error of opening its exit code and its hint. Why the embedded queue cannot be used lies below
// what the client of SQS makes of it; what is none of the errors that sqsclient names is a setting that it refused.
func (b *backend) unopened(err error) error {
	if below, ok := errors.AsType[*failure](err); ok {
		return below
	}
	if err == nil || codeOf(err) != Partly {
		return err
	}
	hint := `"rehook config" shows every setting and where it came from`
	if b.profile != "" && strings.Contains(err.Error(), "profile, "+b.profile) { // the SDK's words
		hint = fmt.Sprintf("unset AWS_PROFILE, or create the profile with %q", "aws configure --profile "+b.profile)
	}
	return &failure{err: err, hint: hint, code: Configuration}
}

// depthEvery is how often a screen's figures are read: on AWS each reading is paid for, and no fresher than a
// minute anyway.
func (b *backend) depthEvery() time.Duration {
	if b.embedded == nil {
		return 10 * time.Second
	}
	return time.Second
}

func (b *backend) close() error {
	if b.embedded == nil {
		return nil
	}
	return b.embedded.close()
}
