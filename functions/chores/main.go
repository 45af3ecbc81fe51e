// Chores is the worker of the stack Beanstalk: the daemon on its instance posts the messages of the queue to /, and the periodic
// task of cron.yaml to /tidy. An answer other than 200 sends a message back to the queue.
package main

import (
	"cmp"
	"encoding/json"
	"log"
	"net/http"
	"os"
	"strings"
	"time"
)

func main() {
	server := &http.Server{
		Addr: "127.0.0.1:" + cmp.Or(os.Getenv("PORT"), "5000"), Handler: handler(log.Default()), ReadHeaderTimeout: 5 * time.Second,
	}
	log.Fatal(server.ListenAndServe())
}

// chore is a message.
type chore struct {
	Do string `json:"do"`
}

// handler writes to out what was done.
func handler(out *log.Logger) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /{$}", func(w http.ResponseWriter, r *http.Request) {
		var c chore
		if err := json.NewDecoder(http.MaxBytesReader(w, r.Body, 256<<10)).Decode(&c); err != nil || strings.TrimSpace(c.Do) == "" {
			http.Error(w, `want {"do": "..."}`, http.StatusBadRequest)
			return
		}
		out.Printf("message %s: done: %q", r.Header.Get("X-Aws-Sqsd-Msgid"), c.Do)
	})
	mux.HandleFunc("POST /tidy", func(_ http.ResponseWriter, r *http.Request) {
		out.Printf("task %s: done", r.Header.Get("X-Aws-Sqsd-Taskname"))
	})
	return mux
}
