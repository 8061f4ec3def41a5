/**
 * Tests against programs that are not ours: curl, and a Go program on either side of the connection, with and without
 * TLS.
 *
 * <h2>To run them</h2>
 *
 * <pre>{@code
 * sudo apt-get install curl golang-go golang-golang-x-net-dev
 * mvn -Pforeign verify -pl interop -am
 * mvn -Pforeign verify -pl interop -am -Dtest=CurlTest
 * }</pre>
 *
 * <p>They are no part of the build without {@code -Pforeign}. With it, they fail where curl or Go is missing: they never
 * skip. Go's libraries are looked for where Debian's packages put them; {@code -Dinterop.gopath=DIR} names another
 * directory, with {@code src/golang.org/x/net} in it.
 *
 * <h2>To see what happened</h2>
 *
 * <p>Each test leaves a transcript in {@code target/transcripts}: the foreign program's command line, what it was given
 * ({@code >}), what it said on its standard output ({@code <}) and on its standard error ({@code !}), and what this side
 * did ({@code *}), with the seconds since the test began. The Go program's standard error has every HTTP/2 frame. A test
 * that fails prints its transcript.
 *
 * <h2>To try by hand</h2>
 *
 * <p>The Go program is in {@code src/test/go/h2peer}; the tests leave it built in {@code target/h2peer}. It says how it
 * is used when it is called without arguments.
 */
@NullMarked
package io.h2conn.interop;

import org.jspecify.annotations.NullMarked;
