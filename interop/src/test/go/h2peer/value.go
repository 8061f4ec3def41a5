package main

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"time"
)

// value has all that JSON can carry and that two languages can understand differently. Which one has which number is
// agreed with the Java side: see makeValue, and Value.java, which must stay the same.
type value struct {
	Number   int            `json:"number"`
	Text     string         `json:"text"`
	Signed   int64          `json:"signed"`
	Unsigned uint64         `json:"unsigned"`
	Real     float64        `json:"real"`
	Exact    json.Number    `json:"exact"`
	Time     time.Time      `json:"time"`
	Data     []byte         `json:"data"`
	Items    []item         `json:"items"`
	Counts   map[string]int `json:"counts"`
	Nothing  *string        `json:"nothing"`
	Maybe    string         `json:"maybe,omitempty"`
}

type item struct {
	Name  string `json:"name"`
	Inner *item  `json:"inner"`
}

var (
	texts = []string{
		"", "plain", "\U0001F600", "\U0001F468\u200D\U0001F469\u200D\U0001F467", "\u2028\u2029", "<script>&amp;</script>",
		"\"\\/\b\f\n\r\t", "\x00\x1f\x7f\u0080", "\u00e4\u00f6\u00fc \u20ac \u4e2d\u6587", "\U0010FFFF\uFFFD\uFEFF", "}]\"{[,:",
	}
	signeds   = []int64{0, math.MaxInt64, math.MinInt64, -1, 1<<53 + 1, math.MinInt32}
	unsigneds = []uint64{math.MaxUint64, 0, 1 << 63, 1<<53 + 1}
	reals     = []float64{
		1e308, -1e308, math.MaxFloat64, -math.MaxFloat64, math.SmallestNonzeroFloat64, 2.2250738585072014e-308, 0, 0.1, 1e21, 1e-7,
		123456789012345680,
	}
	exacts = []json.Number{
		"0.1", "-0.000001", "100", "1.50", "99999999999999999999", "123456789012345678901234567890.123456789012345678901234567890",
	}
)

// bits is the same random number for the same arguments, on both sides: two steps of splitmix64.
func bits(seed, number, field int) uint64 {
	return mix(mix(uint64(seed)<<32+uint64(number)) + uint64(field))
}

func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

func makeValue(seed, number int) value {
	v := value{
		Number:   number,
		Text:     texts[number%len(texts)],
		Signed:   int64(bits(seed, number, 1)),
		Unsigned: bits(seed, number, 2),
		Real:     math.Float64frombits(bits(seed, number, 3)),
		Exact:    json.Number(fmt.Sprintf("%d.%09d", int64(bits(seed, number, 4)), bits(seed, number, 5)%1e9)),
		Time:     makeTime(seed, number),
		Data:     make([]byte, number%20),
		Items:    make([]item, number%4),
		Counts:   map[string]int{},
	}
	if number >= len(texts) {
		v.Text += fmt.Sprintf(" %d", number)
	}
	if number < len(signeds) {
		v.Signed = signeds[number]
	}
	if number < len(unsigneds) {
		v.Unsigned = unsigneds[number]
	}
	if math.IsNaN(v.Real) || math.IsInf(v.Real, 0) {
		v.Real = float64(number) / 3
	}
	if number < len(reals) {
		v.Real = reals[number]
	}
	if number < len(exacts) {
		v.Exact = exacts[number]
	}
	for i := range v.Data {
		v.Data[i] = byte(bits(seed, number, 100+i))
	}
	for i := range v.Items {
		v.Items[i] = *makeItem(number % 7)
	}
	if number%2 == 1 {
		v.Counts["a<b>"], v.Counts["\u00e9\U0001F600"] = number, -number
		something := "something"
		v.Nothing = &something
	}
	if number%3 != 0 {
		v.Maybe = "maybe\u2028"
	}
	return v
}

// makeItem makes an item with so many others inside.
func makeItem(depth int) *item {
	i := &item{Name: fmt.Sprintf("level %d", depth)}
	if depth > 0 {
		i.Inner = makeItem(depth - 1)
	}
	return i
}

// makeTime is some time in the years from 1843 to 2096, often with nanoseconds, at an offset of up to 14 hours.
func makeTime(seed, number int) time.Time {
	seconds := int64(bits(seed, number, 6)%8e9) - 4e9
	var nanos, minutes int64
	if number%3 != 0 {
		nanos = int64(bits(seed, number, 7) % 1e9)
	}
	if number%5 != 0 {
		minutes = int64(bits(seed, number, 8)%1681) - 840
	}
	return time.Unix(seconds, nanos).In(time.FixedZone("", int(minutes)*60))
}

// check says what is wrong with a value that was received.
func check(got value, seed, number int) error {
	want := makeValue(seed, number)
	_, gotOffset := got.Time.Zone()
	_, wantOffset := want.Time.Zone()
	if !got.Time.Equal(want.Time) || gotOffset != wantOffset {
		return fmt.Errorf("value %d: the time is %v but should be %v", number, got.Time, want.Time)
	}
	got.Time = want.Time
	if !reflect.DeepEqual(got, want) {
		return fmt.Errorf("value %d is\n%+v but should be\n%+v", number, got, want)
	}
	return nil
}
