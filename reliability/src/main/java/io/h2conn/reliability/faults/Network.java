package io.h2conn.reliability.faults;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A cable between two network namespaces that nothing else uses: the server's and the client's. Touches no other network.
 * Needs root, and {@code ip} and {@code tc}.
 */
final class Network implements AutoCloseable {
    /** The server's address. */
    static final String SERVER = "10.99.1.1";

    private static final String CLIENT = "10.99.1.2";
    private static final String LINK = "fault0";
    private static final AtomicInteger COUNT = new AtomicInteger();

    private final String server;
    private final String client;
    private final Thread hook = new Thread(this::remove);

    private Network(String name) {
        server = name + "s";
        client = name + "c";
    }

    /** Makes one. */
    static Network create() throws IOException {
        Network network = new Network("h2f" + ProcessHandle.current().pid() + "n" + COUNT.incrementAndGet());
        Runtime.getRuntime().addShutdownHook(network.hook);
        try {
            network.lay();
            return network;
        } catch (IOException e) {
            network.close();
            throw e;
        }
    }

    /** Why there cannot be one here; {@code null} if there can. */
    static @Nullable String unavailable() {
        try (Network network = create()) {
            network.lose(1);
            return null;
        } catch (IOException e) {
            return String.valueOf(e.getMessage());
        }
    }

    private void lay() throws IOException {
        execute("ip netns add " + server);
        execute("ip netns add " + client);
        execute("ip link add " + LINK + " netns " + server + " type veth peer name " + LINK + " netns " + client);
        execute("ip -n " + server + " addr add " + SERVER + "/24 dev " + LINK);
        execute("ip -n " + client + " addr add " + CLIENT + "/24 dev " + LINK);
        for (String side : List.of(server, client)) {
            execute("ip -n " + side + " link set lo up");
            execute("ip -n " + side + " link set " + LINK + " up");
        }
    }

    /** How to run a command there. */
    static List<String> inside(@Nullable Network network, boolean serverSide, List<String> command) {
        if (network == null) {
            return command;
        }
        List<String> words =
                new ArrayList<>(List.of("ip", "netns", "exec", serverSide ? network.server : network.client));
        words.addAll(command);
        return words;
    }

    /** Pulls the cable, at the server's end. */
    void cut() throws IOException {
        execute("ip -n " + server + " link set " + LINK + " down");
    }

    /** Plugs it in again. */
    void mend() throws IOException {
        execute("ip -n " + server + " link set " + LINK + " up");
    }

    /** From now on loses packets at random, each way, as they are on the cable: without segmentation offload. */
    void lose(int percent) throws IOException {
        long limit = Math.min((1L << 32) * percent / 100, (1L << 32) - 1);
        // "jump if at least": the filter passes the packet with a verdict of "none" when the draw is above the limit
        // No kernel module is needed for it, other than for netem: a packet filter that draws a random number.
        String filter = percent >= 100
                ? "1,6 0 0 2"
                : String.format(Locale.ROOT, "4,32 0 0 4294963256,53 0 1 %d,6 0 0 4294967295,6 0 0 2", limit);
        for (String side : List.of(server, client)) {
            execute("ip -n " + side + " link set " + LINK + " gso_max_segs 1");
            execute("tc -n " + side + " qdisc add dev " + LINK + " clsact");
            List<String> command = new ArrayList<>(
                    List.of(("tc -n " + side + " filter add dev " + LINK + " egress bpf da bytecode").split(" ")));
            command.add(filter);
            execute(command);
        }
    }

    /** Loses nothing any more. */
    void heal() throws IOException {
        for (String side : List.of(server, client)) {
            execute("tc -n " + side + " qdisc del dev " + LINK + " clsact");
        }
    }

    private static void execute(String command) throws IOException {
        execute(List.of(command.split(" ")));
    }

    private static void execute(List<String> command) throws IOException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String said = new String(process.getInputStream().readAllBytes(), UTF_8).trim();
        try {
            if (process.waitFor() != 0) {
                throw new IOException("`" + String.join(" ", command) + "` failed: " + said.replaceAll("\\s+", " "));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted in " + command, e);
        }
    }

    /** A link goes with its namespace. */
    private void remove() {
        for (String side : List.of(server, client)) {
            try {
                execute("ip netns del " + side);
            } catch (IOException e) {
                System.err.println(e.getMessage());
            }
        }
    }

    @Override
    public void close() {
        Runtime.getRuntime().removeShutdownHook(hook);
        remove();
    }
}
