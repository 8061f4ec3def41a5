package io.h2conn.examples.hello;

import io.h2conn.server.DuplexServer;

/** The README's server. */
// region server
public class HelloServer {
    public static void main(String[] args) throws Exception {
        DuplexServer server = DuplexServer.builder()
                .port(args.length > 0 ? Integer.parseInt(args[0]) : 8000)
                .handle("/echo", connection -> connection.input().transferTo(connection.output()))
                .start();
        System.out.println("listening on " + server.uri());
    }
}
// endregion
