/**
 * The client: {@link io.h2conn.client.DuplexClient} opens {@linkplain io.h2conn.DuplexConnection connections} to HTTP/2
 * servers.
 */
@NullMarked
package io.h2conn.client;

import org.jspecify.annotations.NullMarked;
