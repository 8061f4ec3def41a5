package com.example.theirs;

import java.util.concurrent.CountDownLatch;

/** Something that blocks, as a connection does that this library knows nothing of. */
public final class Mailbox {
    private final CountDownLatch mail = new CountDownLatch(1);

    public void await() throws InterruptedException {
        mail.await();
    }

    public void deliver() {
        mail.countDown();
    }
}
