package io.h2conn.benchmarks.peer;

import java.util.concurrent.CompletableFuture;

/**
 * A connection for each exchange, with a TCP connection and an upgrade of its own, which must be answered before a message
 * can be sent: there is no other way to have a new one over HTTP/1.1.
 */
final class JettyWebSocketExchange implements Repetition.Operation {
    private final JettyWebSocketClient client;
    private final Exchanges exchanges;

    JettyWebSocketExchange(JettyWebSocketClient client, int number) {
        this.client = client;
        exchanges = new Exchanges(number);
    }

    @Override
    public void run() throws Exception {
        OneAnswer answer = new OneAnswer();
        JettyWebSocketConnections.Conversation connection = client.converse(Service.ECHO, opened -> answer);
        connection.send(exchanges.message());
        exchanges.take(answer.arrived.get());
        connection.close();
    }

    private static final class OneAnswer implements MessageReceiver {
        final CompletableFuture<byte[]> arrived = new CompletableFuture<>();

        @Override
        public void onMessage(byte[] message) {
            if (!arrived.complete(message)) {
                throw new IllegalStateException("a second answer came to one message");
            }
        }

        @Override
        public void onFailure(Throwable cause) {
            arrived.completeExceptionally(cause);
        }
    }
}
