// Command h2peer is the foreign peer of the interoperation tests. It makes connections the way Go programs do, on both
// sides: a pipe as the request's body on the client, a ResponseWriter that is flushed after each write on the server.
//
// It needs golang.org/x/net and nothing else. Debian's packages golang-go and golang-golang-x-net-dev are enough:
//
//	GO111MODULE=off GOPATH=/usr/share/gocode go build -o h2peer .
//
// What happens goes to the standard output, one line for each event. GODEBUG=http2debug=2 adds every frame, on the
// standard error.
package main

import (
	"fmt"
	"log"
	"os"
)

const usage = `usage:
  h2peer server [-addr HOST:PORT] [-cert FILE -key FILE]
  h2peer client [-method GET] [-ca FILE | -insecure] [-do json|raw|bulk|values] [-bytes N] [-count N] [-style S] URL
`

func main() {
	log.SetFlags(log.Ltime | log.Lmicroseconds)
	if len(os.Args) < 2 {
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	var err error
	switch role, args := os.Args[1], os.Args[2:]; role {
	case "client":
		err = runClient(args)
	case "server":
		err = runServer(args)
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err != nil {
		say("failed: %v", err)
		os.Exit(1)
	}
}

// say reports an event to whoever drives this program. The standard output is not buffered.
func say(format string, args ...interface{}) {
	fmt.Printf(format+"\n", args...)
}
