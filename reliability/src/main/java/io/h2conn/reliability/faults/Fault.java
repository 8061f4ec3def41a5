package io.h2conn.reliability.faults;

import io.h2conn.reliability.faults.Scene.Wire;
import java.io.IOException;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.TimeoutException;

/** The faults, and what is promised for each. */
enum Fault {
    KILL_SERVER("kill -9 of the server", Wire.LOOPBACK, Run::killServer),
    KILL_CLIENT("kill -9 of the client", Wire.LOOPBACK, Run::killClient),
    STOP_SERVER("SIGSTOP of the server until it is missed, then SIGCONT", Wire.LOOPBACK, Run::stopServer),
    STOP_CLIENT("SIGSTOP of the client until it is missed, then SIGCONT", Wire.LOOPBACK, Run::stopClient),
    PAUSE_SERVER("SIGSTOP of the server for 1.5 heartbeats", Wire.LOOPBACK, run -> run.pause(true)),
    PAUSE_CLIENT("SIGSTOP of the client for 1.5 heartbeats", Wire.LOOPBACK, run -> run.pause(false)),
    RESET("TCP reset", Wire.RELAY, Run::reset),
    FIN("TCP end", Wire.RELAY, Run::fin),
    HALF_OPEN("half-open: a relay forgets both of its sides", Wire.RELAY, Run::forget),
    CABLE("cable pulled", Wire.NETWORK, run -> run.disconnect(Network::cut, Network::mend)),
    CABLE_BRIEFLY("cable pulled for 1.2 heartbeats", Wire.NETWORK, run -> run.interrupt(Network::cut, Network::mend)),
    DROPPED("all packets dropped", Wire.NETWORK, run -> run.disconnect(each -> each.lose(100), Network::heal)),
    DROPPED_BRIEFLY(
            "all packets dropped for 1.2 heartbeats",
            Wire.NETWORK,
            run -> run.interrupt(each -> each.lose(100), Network::heal)),
    VANISHED("the client's process and its packets vanish", Wire.NETWORK, Run::vanish),
    LOSS_1("1 % of the packets lost, for 10 heartbeats", Wire.NETWORK, run -> run.lose(1)),
    LOSS_10("10 % of the packets lost, for 10 heartbeats", Wire.NETWORK, run -> run.lose(10)),
    SLOW("200 ms and 1 KB/s for 9 heartbeats", Wire.RELAY, Run::slow),
    SLOW_NARROW("200 ms and 1 KB/s for 9 heartbeats, SO_RCVBUF 4096 in the relay", Wire.NARROW_RELAY, Run::slow),
    SLOW_DOWN(
            "200 ms and 1 KB/s for 9 heartbeats, and only the server sends",
            Wire.RELAY,
            EnumSet.of(Role.READING, Role.DOWN, Role.LISTENING, Role.IDLE),
            Run::slow),
    SLOW_DOWN_NARROW(
            "200 ms and 1 KB/s for 9 heartbeats, and only the server sends, SO_RCVBUF 4096 in the relay",
            Wire.NARROW_RELAY,
            EnumSet.of(Role.READING, Role.DOWN, Role.LISTENING, Role.IDLE),
            Run::slow);

    interface Action {
        void apply(Run run) throws IOException, InterruptedException, TimeoutException;
    }

    private final String title;
    final Wire wire;

    @SuppressWarnings("ImmutableEnumChecker") // nobody changes it
    private final Set<Role> roles;

    @SuppressWarnings("ImmutableEnumChecker") // a function without a state
    private final Action action;

    Fault(String title, Wire wire, Action action) {
        this(title, wire, EnumSet.allOf(Role.class), action);
    }

    Fault(String title, Wire wire, Set<Role> roles, Action action) {
        this.roles = roles;
        this.title = title;
        this.wire = wire;
        this.action = action;
    }

    String title(boolean tls) {
        return title + (tls ? ", TLS" : "");
    }

    /** How the command line calls it. */
    String option() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Makes it, and looks what comes of it. */
    Row run(Scene.Settings settings) throws IOException, InterruptedException, TimeoutException {
        Row row = new Row(title(settings.tls()));
        try (Scene scene = new Scene(settings, wire, roles)) {
            Run run = new Run(scene, row);
            action.apply(run);
            run.finish();
        }
        return row;
    }
}
