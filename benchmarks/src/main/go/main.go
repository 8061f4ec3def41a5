// Command gopeer is a peer of the benchmarks: it holds conversations the way Go programs do, on net/http and x/net. It obeys
// the commands of PeerProcess.java, which says what they are, a line each.
//
// It needs golang.org/x/net and nothing else; GoProgram.java builds it.
package main

import (
	"bufio"
	"fmt"
	"os"
	"strings"
)

const usage = `usage:
  gopeer server go clear|tls
  gopeer client go clear|tls PORT
`

func main() {
	args := os.Args[1:]
	var err error
	switch {
	case len(args) == 3 && args[0] == "server":
		err = runServer(args[2] == "tls")
	case len(args) == 4 && args[0] == "client":
		err = runClient(args[2] == "tls", args[3])
	default:
		fmt.Fprint(os.Stderr, usage)
		os.Exit(2)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// obey answers each line of the standard input until it ends.
func obey(obedient func(command) (string, error)) error {
	lines := bufio.NewScanner(os.Stdin)
	for lines.Scan() {
		command, err := parse(lines.Text())
		var answer string
		if err == nil {
			answer, err = obedient(command)
		}
		if err != nil {
			fmt.Fprintf(os.Stderr, "%s: %v\n", lines.Text(), err)
			answer = "error=" + strings.ReplaceAll(err.Error(), "\n", " ")
		}
		fmt.Println(answer)
	}
	return lines.Err()
}
