package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"strconv"
	"time"

	"github.com/coder/websocket"

	"github.com/messembed/messembed-go/bench/internal/sample"
)

// serve responds to every measured request with prepared data, so that its own
// cost is small and the same for both sides. It ends at the end of standard input.
func serve() error {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	fmt.Println("http://" + listener.Addr().String())
	go func() {
		waitForEnd(os.Stdin)
		os.Exit(0)
	}()

	user := sample.AppendUser(nil, 1)
	mux := http.NewServeMux()
	mux.HandleFunc("POST /admin-api/users", fixed(http.StatusCreated, user))
	mux.HandleFunc("POST /5ms/admin-api/users", created(user, 5*time.Millisecond))
	mux.HandleFunc("GET /list/{n}/admin-api/users", list)
	mux.HandleFunc("GET /sync/{n}/admin-api/users", distinctList)
	mux.HandleFunc("POST /sync/{n}/admin-api/users", echoUser)
	mux.HandleFunc("PATCH /sync/{n}/admin-api/users/{id}", echoUser)
	mux.HandleFunc("GET /events/{n}/admin-api/messages", fixed(http.StatusOK, []byte(`{"messages":[]}`)))
	mux.HandleFunc("GET /events/{n}/socket.io/", events(func(i, _ int) time.Duration { return time.Duration(i) * 50 * time.Microsecond }))
	mux.HandleFunc("GET /slow-events/{n}/admin-api/messages", fixed(http.StatusOK, []byte(`{"messages":[]}`)))
	mux.HandleFunc("GET /slow-events/{n}/socket.io/", events(func(i, n int) time.Duration { return time.Duration(i-n) * 100 * time.Millisecond }))
	mux.HandleFunc("GET /github/api/v3/users/octocat", fixed(http.StatusOK, []byte(githubUser)))
	mux.HandleFunc("POST /v1/customers", fixed(http.StatusOK, []byte(stripeCustomer)))
	mux.HandleFunc("POST /stream/users", fixed(http.StatusCreated, []byte(streamUser)))
	return http.Serve(listener, mux)
}

func fixed(status int, body []byte) http.HandlerFunc {
	length := strconv.Itoa(len(body))
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", length)
		w.WriteHeader(status)
		_, _ = w.Write(body)
	}
}

// created responds with the user under the id of the request, which is as long.
func created(user []byte, latency time.Duration) http.HandlerFunc {
	ofOne := []byte(sample.ID(1))
	length := strconv.Itoa(len(user))
	return func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		_, id, _ := bytes.Cut(body, []byte(`"id":"`))
		id, _, _ = bytes.Cut(id, []byte(`"`))
		time.Sleep(latency)
		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("Content-Length", length)
		w.WriteHeader(http.StatusCreated)
		_, _ = w.Write(bytes.Replace(user, ofOne, id, 1))
	}
}

// blockUsers is the number of users that are sent repeatedly.
const blockUsers = 1000

var block = func() []byte {
	var b bytes.Buffer
	for i := range blockUsers {
		b.WriteByte(',')
		b.Write(sample.AppendUser(nil, i))
	}
	return b.Bytes()
}()

// list responds with n users, a multiple of blockUsers.
func list(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil || n%blockUsers != 0 {
		http.Error(w, "n", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	head := fmt.Sprintf(`{"totalCount":%d,"data":[`, n)
	w.Header().Set("Content-Length", strconv.Itoa(len(head)+n/blockUsers*len(block)-1+2))
	_, _ = io.WriteString(w, head)
	for i := range n / blockUsers {
		part := block
		if i == 0 {
			part = part[1:]
		}
		if _, err := w.Write(part); err != nil {
			return
		}
	}
	_, _ = io.WriteString(w, "]}")
}

// distinctList responds with n users, no two of them alike.
func distinctList(w http.ResponseWriter, r *http.Request) {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		http.Error(w, "n", http.StatusBadRequest)
		return
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = sample.WriteList(w, n)
}

// echoUser responds with the user of the path or of the body.
func echoUser(w http.ResponseWriter, r *http.Request) {
	user := struct {
		ID string `json:"id"`
	}{r.PathValue("id")}
	status := http.StatusOK
	if r.Method == http.MethodPost {
		status = http.StatusCreated
		if err := json.NewDecoder(r.Body).Decode(&user); err != nil {
			http.Error(w, "body", http.StatusBadRequest)
			return
		}
	}
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, `{"_id":%q,"createdAt":"2026-11-21T19:52:34.374Z"}`, user.ID)
}

// events announces n messages to each client that connects. after says when each
// was created, relative to now.
func events(after func(i, n int) time.Duration) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { announce(w, r, after) }
}

func announce(w http.ResponseWriter, r *http.Request, after func(i, n int) time.Duration) {
	n, err := strconv.Atoi(r.PathValue("n"))
	if err != nil {
		http.Error(w, "n", http.StatusBadRequest)
		return
	}
	ws, err := websocket.Accept(w, r, nil)
	if err != nil {
		return
	}
	defer func() { _ = ws.CloseNow() }()
	ctx := context.Background()
	send := func(text string) bool { return ws.Write(ctx, websocket.MessageText, []byte(text)) == nil }
	if !send(`0{"sid":"s","upgrades":[],"pingInterval":25000,"pingTimeout":5000}`) || !send("40") {
		return
	}
	companions := `"firstCompanion":` + string(sample.AppendUser(nil, 1)) + `,"secondCompanion":` + string(sample.AppendUser(nil, 2))
	began := time.Now()
	for i := range n {
		at := began.Add(after(i, n)).UTC().Format("2006-01-02T15:04:05.000Z")
		if !send(fmt.Sprintf(`42["admin__new_message",{"message":{"deletedFor":[],"_id":"%024x","createdAt":"%s","chat":"%024x","user":"user-00000001",`+
			`"content":"Message number %d, of a length that people write","read":false,"attachments":[],"externalMetadata":{"client":"web"},"__v":0},`+
			`"chat":{"notReadBySecondCompanionMessagesCount":1,"notReadByFirstCompanionMessagesCount":0,"_id":"%024x","createdAt":"2026-11-21T19:52:34.374Z","active":true,%s,"__v":0}}]`,
			i, at, 7, i, 7, companions)) {
			return
		}
	}
	_, _, _ = ws.Read(ctx) // until the client disconnects
}

const (
	githubUser = `{"login":"octocat","id":1,"node_id":"MDQ6VXNlcjE=","avatar_url":"https://github.com/images/error/octocat_happy.gif","gravatar_id":"","url":"https://api.github.com/users/octocat",` +
		`"html_url":"https://github.com/octocat","followers_url":"https://api.github.com/users/octocat/followers","following_url":"https://api.github.com/users/octocat/following{/other_user}",` +
		`"gists_url":"https://api.github.com/users/octocat/gists{/gist_id}","type":"User","site_admin":false,"name":"monalisa octocat","company":"GitHub","blog":"https://github.com/blog","location":"San Francisco",` +
		`"email":"octocat@github.com","hireable":false,"bio":"There once was...","public_repos":2,"public_gists":1,"followers":20,"following":0,"created_at":"2008-01-14T04:33:35Z","updated_at":"2008-01-14T04:33:35Z"}`
	stripeCustomer = `{"id":"cus_NffrFeUfNV2Hib","object":"customer","address":null,"balance":0,"created":1680893993,"currency":null,"default_source":null,"delinquent":false,"description":null,"email":"jennyrosen@example.com",` +
		`"invoice_prefix":"0759376C","invoice_settings":{"custom_fields":null,"default_payment_method":null,"footer":null,"rendering_options":null},"livemode":false,"metadata":{"plan":"pro"},"name":"Jenny Rosen",` +
		`"next_invoice_sequence":1,"phone":null,"preferred_locales":[],"shipping":null,"tax_exempt":"none","test_clock":null}`
	streamUser = `{"users":{"jenny":{"id":"jenny","name":"Jenny Rosen","role":"user","created_at":"2026-11-21T19:52:34.374Z","updated_at":"2026-11-21T19:52:34.374Z","banned":false,"online":false,"plan":"pro","city":"Köln"}},"duration":"4.12ms"}`
)
