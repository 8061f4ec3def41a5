/**
 * Tests handlers against bad networks, without a server and without a socket: {@link io.h2conn.testkit.FaultyPair} makes two
 * connected connections, and {@link io.h2conn.testkit.NetworkConditions} says what the network between them does to each
 * direction.
 */
@NullMarked
package io.h2conn.testkit;

import org.jspecify.annotations.NullMarked;
