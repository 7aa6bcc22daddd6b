// What the tests of a cluster run in pods: it answers on a port, tries to reach an address, or fills a file.
package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"
)

const patience = 3 * time.Second

func main() {
	if len(os.Args) < 3 {
		fail("usage: probe serve PORT | reach HOST:PORT | fill FILE MIB | read FILE")
	}
	switch os.Args[1] {
	case "serve":
		serve(os.Args[2])
	case "reach":
		fmt.Println(reach(os.Args[2]))
	case "fill":
		mib, err := strconv.Atoi(os.Args[3])
		if err != nil {
			fail(err.Error())
		}
		fill(os.Args[2], mib)
	case "read":
		content, err := os.ReadFile(os.Args[2])
		if err != nil {
			fail(err.Error())
		}
		fmt.Println(len(content))
	default:
		fail("no such verb: " + os.Args[1])
	}
}

func serve(port string) {
	heard, err := net.Listen("tcp", ":"+port)
	if err != nil {
		fail(err.Error())
	}
	for {
		if one, err := heard.Accept(); err == nil {
			one.Write([]byte("here\n"))
			one.Close()
		}
	}
}

// What became of a connection: `open`, `refused` (somebody said so), `no answer`, or what became of its name.
func reach(address string) string {
	one, err := net.DialTimeout("tcp", address, patience)
	var name *net.DNSError
	var waited net.Error
	switch {
	case err == nil:
		one.Close()
		return "open"
	case errors.As(err, &name) && name.IsNotFound:
		return "no such name"
	case errors.As(err, &name):
		return "no answer from names"
	case errors.Is(err, syscall.ECONNREFUSED):
		return "refused"
	case errors.As(err, &waited) && waited.Timeout():
		return "no answer"
	}
	return err.Error()
}

func fill(path string, mib int) {
	file, err := os.Create(path)
	if err != nil {
		fail(err.Error())
	}
	block := make([]byte, 1<<20)
	for i := range block {
		block[i] = byte(i * 7)
	}
	for range mib {
		if _, err := file.Write(block); err != nil {
			fail(err.Error())
		}
	}
	if err := file.Sync(); err != nil {
		fail(err.Error())
	}
	fmt.Println(mib)
}

func fail(why string) {
	fmt.Fprintln(os.Stderr, why)
	os.Exit(1)
}
