/**
 * One HTTP/2 stream as a full-duplex byte connection.
 *
 * <p>{@link io.h2conn.DuplexConnection} is the type that everything else is about. A server gets one from
 * {@code io.h2conn.server}, a client from {@code io.h2conn.client}, a test from {@link io.h2conn.DuplexConnection#pair}.
 */
@NullMarked
package io.h2conn;

import org.jspecify.annotations.NullMarked;
