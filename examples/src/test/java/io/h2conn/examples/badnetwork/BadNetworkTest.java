package io.h2conn.examples.badnetwork;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.h2conn.ConnectionLostException;
import io.h2conn.DuplexConnection;
import io.h2conn.codec.JsonCodec;
import io.h2conn.codec.MessageConnection;
import io.h2conn.testkit.FaultyPair;
import io.h2conn.testkit.NetworkConditions;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The code about bad networks in the documents: how users test their own handlers. */
@Timeout(30)
class BadNetworkTest {
    record Order(int number) {}

    record Receipt(int number) {}

    private final List<Order> processed = new ArrayList<>();

    private void shop(DuplexConnection connection) throws IOException {
        var orders = MessageConnection.of(connection, JsonCodec.of(Order.class), JsonCodec.of(Receipt.class));
        for (Order order : orders) {
            processed.add(order);
            orders.send(new Receipt(order.number()));
        }
    }

    private static MessageConnection<Receipt, Order> customer(FaultyPair pair) {
        return MessageConnection.of(pair.client(), JsonCodec.of(Receipt.class), JsonCodec.of(Order.class));
    }

    // region badnetwork
    @Test
    void ordersThatArriveByteByByteAreProcessed() throws Exception {
        try (FaultyPair pair = FaultyPair.builder()
                .toServer(NetworkConditions.perfect().fragments(1))
                .toClient(NetworkConditions.perfect().fragments(1))
                .connect()) {
            var served = pair.serve(this::shop);
            var customer = customer(pair);
            customer.send(new Order(1));
            assertThat(customer.receive()).isEqualTo(new Receipt(1));
            customer.close();
            served.get();
        }
    }

    @Test
    void anOrderThatIsCutOffIsNotProcessed() throws Exception {
        int firstOrder = "{\"number\":1}\n".length();
        try (FaultyPair pair = FaultyPair.builder()
                .toServer(NetworkConditions.perfect().loseAt(firstOrder + 5))
                .connect()) {
            var served = pair.serve(this::shop);
            var customer = customer(pair);
            customer.send(new Order(1));
            customer.send(new Order(2));
            assertThatThrownBy(served::get).hasRootCauseInstanceOf(ConnectionLostException.class);
            assertThat(processed).containsExactly(new Order(1));
        }
    }
    // endregion
}
