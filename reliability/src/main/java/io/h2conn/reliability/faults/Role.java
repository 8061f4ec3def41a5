package io.h2conn.reliability.faults;

import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** What is under way on a connection when the fault comes. */
enum Role {
    /** A thread waits in read on both ends. */
    READING,
    /** The server writes without end, the client reads. */
    DOWN,
    /** The client writes without end, the server reads. */
    UP,
    /** Idle, with a listener on both ends. */
    LISTENING,
    /** Nobody reads or writes. */
    IDLE;

    /** Whether a call blocks, on each end. */
    boolean blocks() {
        return this == READING || this == DOWN || this == UP;
    }

    static String format(Set<Role> roles) {
        return roles.stream().map(Role::name).collect(Collectors.joining(","));
    }

    static Set<Role> parse(String names) {
        return Arrays.stream(names.split(",")).map(Role::valueOf).collect(Collectors.toCollection(LinkedHashSet::new));
    }

    String path() {
        return "/" + name().toLowerCase(Locale.ROOT);
    }
}
