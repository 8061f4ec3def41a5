package io.h2conn.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.h2conn.ConnectionResetException;
import io.h2conn.DuplexConnection;
import io.h2conn.ErrorCode;
import io.h2conn.Origin;
import java.lang.reflect.Method;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a server's handler ends is how its connection ends. */
class HandlerTest {
    @RegisterExtension
    final LeakCheck leaks = new LeakCheck();

    @ParameterizedTest(name = "tls: {0}")
    @ValueSource(booleans = {false, true})
    void aHandlerThatReturnsClosesItsConnection(boolean tls) throws Exception {
        try (Link link = Link.serving(
                leaks,
                tls,
                server -> server.handle(
                                "/blocking", connection -> connection.input().transferTo(connection.output()))
                        .handleAsync("/async", connection -> connection.listen(connection::writeAsync)))) {
            for (String path : new String[] {"/blocking", "/async"}) {
                DuplexConnection connection = link.connect(path);
                connection.write(Bytes.pattern(0, 100_000));
                connection.closeOutput();
                assertThat(Bytes.readPatternToEnd(connection, 0)).isEqualTo(100_000);
                assertThat(Await.result(connection.closed()).isOrderly()).isTrue();
            }
        }
    }

    @ParameterizedTest(name = "tls: {0}")
    @ValueSource(booleans = {false, true})
    void aHandlerThatThrowsResetsWithInternalError(boolean tls) throws Exception {
        try (Link link = Link.serving(
                leaks,
                tls,
                server -> server.handle("/blocking", HandlerTest::answerHalfAndThrow)
                        .handleAsync("/async", connection -> {
                            answerHalfAndThrow(connection);
                            return CompletableFuture.completedFuture(null);
                        })
                        .handleAsync("/stage", connection -> {
                            connection.write(Bytes.of("half"));
                            return CompletableFuture.failedFuture(new IllegalStateException("planted by the test"));
                        }))) {
            for (String path : new String[] {"/blocking", "/async", "/stage"}) {
                DuplexConnection connection = link.connect(path);
                // Half an answer must not look complete.
                assertThatThrownBy(() -> Bytes.readToEnd(connection))
                        .isInstanceOfSatisfying(ConnectionResetException.class, e -> {
                            assertThat(e.errorCode()).isEqualTo(ErrorCode.INTERNAL_ERROR);
                            assertThat(e.origin()).isEqualTo(Origin.PEER);
                        });
            }
        }
    }

    @ParameterizedTest(name = "tls: {0}")
    @ValueSource(booleans = {false, true})
    void blockingHandlersRunOnVirtualThreadsWhereThereAreAny(boolean tls) throws Exception {
        assumeTrue(Runtime.version().feature() >= 21, "this Java has no virtual threads");
        Method isVirtual = Thread.class.getMethod("isVirtual");
        CompletableFuture<Object> virtual = new CompletableFuture<>();
        try (Link link = Link.serving(
                leaks,
                tls,
                server -> server.handle("/thread", connection -> {
                    virtual.complete(isVirtual.invoke(Thread.currentThread()));
                    connection.input().transferTo(connection.output());
                }))) {
            DuplexConnection connection = link.connect("/thread");
            connection.write(Bytes.of("echo"));
            assertThat(Bytes.readText(connection, 4)).isEqualTo("echo");
            connection.close();
            assertThat(Await.result(virtual)).isEqualTo(true);
            Await.result(connection.closed());
        }
    }

    private static void answerHalfAndThrow(DuplexConnection connection) throws Exception {
        connection.write(Bytes.of("half"));
        connection.flush();
        throw new IllegalStateException("planted by the test");
    }
}
