package io.h2conn.examples.hello;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.DuplexConnection;
import io.h2conn.client.DuplexClient;

/** The README's client. */
// region client
public class HelloClient {
    public static void main(String[] args) throws Exception {
        String uri = args.length > 0 ? args[0] : "http://127.0.0.1:8000/echo";
        try (DuplexClient client = DuplexClient.create();
                DuplexConnection connection = client.connect(uri)) {
            connection.output().write("hello\n".getBytes(UTF_8));
            connection.closeOutput(); // our half ends, the other goes on
            connection.input().transferTo(System.out);
        }
    }
}
// endregion
