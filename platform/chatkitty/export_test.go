package chatkitty

import messembed "github.com/messembed/messembed-go"

// Operations are what the platform sends.
func Operations() []messembed.Operation { return new(platform).Operations() }
