module github.com/messembed/messembed-go/bench

go 1.26.0

require (
	github.com/GetStream/stream-chat-go/v5 v5.8.1
	github.com/google/go-github/v75 v75.0.0
	github.com/messembed/messembed-go v0.0.0
	github.com/stripe/stripe-go/v82 v82.5.1
)

require (
	github.com/golang-jwt/jwt/v4 v4.0.0 // indirect
	github.com/google/go-querystring v1.1.0 // indirect
)

require (
	github.com/coder/websocket v1.8.15
	github.com/go-json-experiment/json v0.0.0-20260820222146-c27c302e5fc3
	github.com/golang-jwt/jwt/v5 v5.3.1 // indirect
	github.com/hashicorp/go-cleanhttp v0.5.2 // indirect
	github.com/hashicorp/go-retryablehttp v0.7.8 // indirect
	golang.org/x/oauth2 v0.37.0 // indirect
	golang.org/x/time v0.16.0 // indirect
)

replace github.com/messembed/messembed-go => ../
