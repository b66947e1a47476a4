package config

import (
	"fmt"
	"regexp"
)

// s3Place is a bucket, and perhaps a prefix of keys: S3's rules for names, without those that it only advises.
var s3Place = regexp.MustCompile(`^s3://[a-z0-9][a-z0-9.-]{1,61}[a-z0-9](/[A-Za-z0-9!_.*'()/-]*)?$`)

// bucket takes a place in S3.
func bucket(field func(*Config) *string) kind {
	return one("s3://bucket/prefix", field, func(s string) (string, error) {
		return s, wrongWithBucket(s)
	}, func(s string) string { return s })
}

// buckets takes any number of them.
func buckets(field func(*Config) *[]string) kind {
	k := list(field)
	k.name = "s3://bucket/prefix"
	collect := k.set
	k.set = func(c *Config, raw []string) error {
		if err := collect(c, raw); err != nil {
			return err
		}
		for _, s := range *field(c) {
			if err := wrongWithBucket(s); err != nil {
				return err
			}
		}
		return nil
	}
	return k
}

func wrongWithBucket(s string) error {
	if s3Place.MatchString(s) {
		return nil
	}
	return &invalid{fmt.Sprintf("%q is not a place in S3", s), "write it like s3://BUCKET or s3://BUCKET/PREFIX"}
}
