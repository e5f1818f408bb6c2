package messembed_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log"
	"log/slog"
	"os"
	"strings"
	"time"

	messembed "github.com/messembed/messembed-go"
	"github.com/messembed/messembed-go/messembedtest"
)

func ExampleClient_CreateAccessToken() {
	fake := messembedtest.New(messembedtest.Program{})
	client := fake.Client(messembedtest.Program{})
	ctx := context.Background()
	fake.AddUser(messembed.User{ID: "42"})

	token, err := client.CreateAccessToken(ctx, "42")
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(token)
	fmt.Println(strings.Count(token.AccessToken, "."), "dots, as a JWT has") // hand token.AccessToken to the front end

	_, err = client.CreateAccessToken(ctx, "43")
	fmt.Println(errors.Is(err, messembed.ErrNotFound))
	// Output:
	// {AccessToken:[redacted] UserID:42 ExpiresAt:never}
	// 2 dots, as a JWT has
	// true
}

// If the application knows the service's JWT secret, a token costs no request
// and can expire.
func ExampleTokenSigner() {
	signer, err := messembed.NewTokenSigner([]byte("the service's AUTH__JWT_STRATEGY__JWT_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	token, err := signer.Sign("42", time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	userID, err := signer.Verify(token.AccessToken)
	fmt.Println(userID, err, signer)
	// Output: 42 <nil> messembed.TokenSigner{[redacted]}
}

func ExampleNewTokenSigner() {
	_, err := messembed.NewTokenSigner(nil)
	fmt.Println(err)
	// Output: messembed: NewTokenSigner: invalid argument: secret: must not be empty
}

func ExampleTokenSigner_Sign() {
	signer, err := messembed.NewTokenSigner([]byte("the service's AUTH__JWT_STRATEGY__JWT_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	short, err := signer.Sign("42", time.Hour)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(time.Until(short.ExpiresAt).Round(time.Minute))

	long, err := signer.Sign("42", 0) // does not expire, like the service's own
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(long.ExpiresAt.IsZero())
	// Output:
	// 1h0m0s
	// true
}

func ExampleTokenSigner_Verify() {
	signer, err := messembed.NewTokenSigner([]byte("the service's AUTH__JWT_STRATEGY__JWT_SECRET"))
	if err != nil {
		log.Fatal(err)
	}
	other, err := messembed.NewTokenSigner([]byte("another secret"))
	if err != nil {
		log.Fatal(err)
	}
	token, err := other.Sign("42", time.Hour)
	if err != nil {
		log.Fatal(err)
	}

	_, err = signer.Verify(token.AccessToken)
	fmt.Println(errors.Is(err, messembed.ErrUnauthenticated), err)
	// Output: true messembed: TokenSigner.Verify: unauthenticated: access token is not signed with this secret using HS256
}

// Only json.Marshal, which hands the token to the front end, shows it.
func ExampleAccessToken() {
	token := messembed.AccessToken{AccessToken: "eyJ…", UserID: "42"}

	fmt.Printf("%v %+v %#v\n", token, token, token)
	slog.New(slog.NewTextHandler(os.Stdout, &slog.HandlerOptions{ReplaceAttr: withoutTime})).Info("minted", "token", token)
	data, _ := json.Marshal(token)
	fmt.Println(string(data))
	// Output:
	// {AccessToken:[redacted] UserID:42 ExpiresAt:never} {AccessToken:[redacted] UserID:42 ExpiresAt:never} {AccessToken:[redacted] UserID:42 ExpiresAt:never}
	// level=INFO msg=minted token.user_id=42 token.expires_at=never
	// {"accessToken":"eyJ…","userId":"42"}
}

func withoutTime(_ []string, a slog.Attr) slog.Attr {
	if a.Key == slog.TimeKey {
		return slog.Attr{}
	}
	return a
}
