package io.h2conn.reliability.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.h2conn.ConnectionFailure;
import io.h2conn.DuplexConnection;
import io.h2conn.client.ConnectRequest;
import io.h2conn.client.DuplexClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;

/** The client that is broken, or sees how its server breaks. Obeys lines on its standard input, and answers on the output. */
final class ClientMain {
    private static final byte[] GREETING = "still there?".getBytes(UTF_8);

    private final Watch watch = new Watch(System.out, false);
    private final Duration heartbeat;

    private ClientMain(Duration heartbeat) {
        this.heartbeat = heartbeat;
    }

    /**
     * Runs until the input ends.
     *
     * @param args heartbeat in milliseconds
     * @throws Exception if it cannot do what it is told
     */
    public static void main(String[] args) throws Exception {
        new ClientMain(Duration.ofMillis(Long.parseLong(args[0]))).run();
    }

    private void run() throws IOException {
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in, UTF_8));
        DuplexClient client = make();
        watch.say("ready", ProcessHandle.current().pid());
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            String[] words = line.split(" ", -1);
            switch (words[0]) {
                case "open" -> open(client, words[1], Role.parse(words[2]));
                case "connect" -> watch.say("connect", connect(client, words[1], Long.parseLong(words[2])));
                case "measure" ->
                    watch.say("left", Left.measure(watch.open(), 0, 0).format());
                case "received" -> watch.say("received", watch.received());
                case "renew" -> {
                    client.close();
                    client = make();
                    watch.say("renewed", "");
                }
                default -> throw new IllegalArgumentException("unknown word: " + line);
            }
        }
        client.close();
    }

    private DuplexClient make() {
        return DuplexClient.builder()
                .heartbeat(heartbeat)
                .trustAll()
                .verifyHostName(false)
                .build();
    }

    private void open(DuplexClient client, String uri, Set<Role> roles) throws IOException {
        for (Role role : roles) {
            var unused = watch.begin(role, client.connect(uri + role.path()));
        }
        watch.say("opened", "");
    }

    /** Tells how it went, the milliseconds first. */
    private String connect(DuplexClient client, String uri, long timeoutMillis) {
        long start = System.nanoTime();
        String result = "works";
        ConnectRequest request = ConnectRequest.to(uri + ServerMain.ECHO).timeout(Duration.ofMillis(timeoutMillis));
        try (DuplexConnection connection = client.connect(request)) {
            var unused = watch.count(connection);
            connection.setReadTimeout(Duration.ofMillis(timeoutMillis));
            connection.output().write(GREETING);
            connection.closeOutput();
            if (!Arrays.equals(GREETING, connection.input().readAllBytes())) {
                result = "answered with other bytes";
            }
        } catch (IOException e) {
            String origin = e instanceof ConnectionFailure known ? " " + known.origin() : "";
            result = e.getClass().getSimpleName() + origin;
        }
        return (System.nanoTime() - start) / 1_000_000 + " " + result;
    }
}
