/**
 * Typed messages over a {@link io.h2conn.DuplexConnection}.
 *
 * <p>{@link io.h2conn.codec.MessageConnection} sends and receives them; a {@link io.h2conn.codec.Codec}, such as
 * {@link io.h2conn.codec.JsonCodec}, says how they look as bytes.
 */
@NullMarked
package io.h2conn.codec;

import org.jspecify.annotations.NullMarked;
