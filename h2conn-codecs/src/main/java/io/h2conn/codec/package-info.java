/**
 * Typed messages over a {@link io.h2conn.DuplexConnection}.
 *
 * <p>{@link io.h2conn.codec.MessageConnection} sends and receives them. A {@link io.h2conn.codec.Codec} says how they look as
 * bytes: {@link io.h2conn.codec.JsonCodec}, {@link io.h2conn.codec.KryoCodec}, those of {@link io.h2conn.codec.Codecs}, or one
 * of your own, with a {@link io.h2conn.codec.Framing} that tells them apart in the stream.
 *
 * <p>On top of that, {@link io.h2conn.codec.Broadcast} sends one message to many connections, and {@link io.h2conn.codec.Calls}
 * makes requests and replies of messages.
 */
@NullMarked
package io.h2conn.codec;

import org.jspecify.annotations.NullMarked;
