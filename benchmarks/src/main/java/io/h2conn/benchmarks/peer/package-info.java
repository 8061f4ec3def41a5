/**
 * The peers: ways for two processes to hold a conversation, each as fast as it can be had, all doing the same work and
 * checking every byte that arrives in the same way.
 */
@NullMarked
package io.h2conn.benchmarks.peer;

import org.jspecify.annotations.NullMarked;
