package io.h2conn.server;

import org.eclipse.jetty.server.Request;
import org.jspecify.annotations.Nullable;

/** Decides, before a connection is made, whether a request gets one. */
@FunctionalInterface
public interface Admission {
    /**
     * Looks at a request: its path, its headers, who sent it. Runs on a thread of Jetty's pool and may block for a
     * short while; {@link AsyncAdmission} is for what takes longer.
     *
     * <p>With TLS, its session and the client's certificates are the request's attribute
     * {@link org.eclipse.jetty.io.EndPoint.SslSessionData#ATTRIBUTE}, where Jetty's
     * {@link org.eclipse.jetty.server.SecureRequestCustomizer} sets it, as a {@link DuplexServer} has it do. What one of Jetty's
     * security handlers has found out is {@link Request#getAuthenticationState}.
     *
     * @param request the request; its content must not be read. On a path of a {@link DuplexServer} it is complete for
     *     Jetty, and for completion listeners, when it has become a connection; to know when that ends, ask the connection
     * @return {@code null} to let it in, or what to answer instead
     * @throws Exception to answer 500; logged
     */
    @Nullable
    Refusal check(Request request) throws Exception;
}
