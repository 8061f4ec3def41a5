package main

import (
	"math"
	"sort"
	"strconv"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

const clockMonotonic = 1

// begin is a time that beginNanos tells in nanoseconds of the system's monotonic clock.
var begin, beginNanos = compareClocks()

// compareClocks reads both clocks close together: of many attempts, the one that nothing came between.
func compareClocks() (time.Time, int64) {
	var at time.Time
	var nanos int64
	shortest := time.Duration(math.MaxInt64)
	for attempt := 0; attempt < 100; attempt++ {
		before := time.Now()
		now := monotonic()
		if took := time.Since(before); took < shortest {
			at, nanos, shortest = before, now, took
		}
	}
	return at, nanos
}

// monotonic asks the system for the clock that all processes and languages share.
func monotonic() int64 {
	var now syscall.Timespec
	if _, _, errno := syscall.Syscall(syscall.SYS_CLOCK_GETTIME, clockMonotonic, uintptr(unsafe.Pointer(&now)), 0); errno != 0 {
		panic(errno)
	}
	return now.Nano()
}

// clock is the same clock in nanoseconds. Go reads it without a system call, but does not tell its absolute value.
func clock() int64 {
	return beginNanos + time.Since(begin).Nanoseconds()
}

// percentiles are those of PeerProcess.java.
var percentiles = []string{"1.0", "5.0", "10.0", "25.0", "50.0", "75.0", "90.0", "95.0", "99.0", "99.9", "99.99", "100.0"}

// summary tells the percentiles of latencies, which it sorts; nothing if there are none.
func summary(latencies []int64) string {
	if len(latencies) == 0 {
		return ""
	}
	sort.Slice(latencies, func(i, j int) bool { return latencies[i] < latencies[j] })
	values := make([]string, len(percentiles))
	for i, text := range percentiles {
		percentile, err := strconv.ParseFloat(text, 64)
		if err != nil {
			panic(err)
		}
		rank := int(math.Ceil(percentile * float64(len(latencies)) / 100))
		values[i] = text + ":" + strconv.FormatInt(latencies[rank-1], 10)
	}
	return strings.Join(values, ",")
}
