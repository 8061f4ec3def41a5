package io.h2conn.examples.calls;

import static org.assertj.core.api.Assertions.assertThat;

import io.h2conn.client.DuplexClient;
import io.h2conn.codec.CallHandler;
import io.h2conn.codec.Calls;
import io.h2conn.codec.JsonCodec;
import io.h2conn.server.AsyncConnectionHandler;
import io.h2conn.server.DuplexServer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code about calls in the documents. */
@Timeout(30)
class CallsTest {
    record Order(int number) {}

    record Receipt(int number) {}

    private static Receipt process(Order order) {
        return new Receipt(order.number());
    }

    @Test
    void anOrderIsAnsweredByItsReceipt() throws Exception {
        // region calls
        JsonCodec<Order> orders = JsonCodec.of(Order.class);
        JsonCodec<Receipt> receipts = JsonCodec.of(Receipt.class);
        CallHandler<Order, Receipt> shop = CallHandler.blocking((order, caller) -> process(order));
        AsyncConnectionHandler desk =
                connection -> Calls.over(connection, orders, receipts, shop).closed();
        try (DuplexServer server =
                        DuplexServer.builder().handleAsync("/orders", desk).start();
                DuplexClient client = DuplexClient.create();
                Calls<Order, Receipt> calls =
                        Calls.over(client.connect(server.uri().resolve("/orders")), orders, receipts)) {
            Receipt receipt = calls.call(new Order(1), Duration.ofSeconds(5));
            CompletableFuture<Receipt> second = calls.callAsync(new Order(2));
            // endregion
            assertThat(receipt).isEqualTo(new Receipt(1));
            assertThat(second.get()).isEqualTo(new Receipt(2));
        }
    }
}
