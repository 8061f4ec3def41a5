/**
 * Typed messages over a {@link io.h2conn.DuplexConnection}.
 *
 * <p>{@link io.h2conn.codec.MessageConnection} sends and receives them; {@link io.h2conn.codec.Json} makes one that
 * speaks JSON.
 */
@NullMarked
package io.h2conn.codec;

import org.jspecify.annotations.NullMarked;
