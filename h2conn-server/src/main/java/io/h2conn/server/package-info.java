/**
 * The server side: {@code accept()} makes a {@link io.h2conn.DuplexConnection} from an HTTP/2 request.
 *
 * <p>{@link io.h2conn.server.DuplexServer} is a whole server in one line. On a Jetty server of your own, call
 * {@link io.h2conn.server.DuplexConnector#configure} on its connector and mount a
 * {@link io.h2conn.server.DuplexHandler}, or call {@link io.h2conn.server.Acceptor#accept} in a handler of yours.
 */
@NullMarked
package io.h2conn.server;

import org.jspecify.annotations.NullMarked;
