import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.cache.PathChildrenCache;
import org.apache.curator.framework.recipes.cache.PathChildrenCacheEvent;
import org.apache.curator.framework.recipes.leader.LeaderLatch;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.retry.RetryOneTime;

/** Curator's recipes against a server: fails with an exception, or prints what worked. */
public final class Recipes {
    private static final int CLIENTS = 3;
    private static final int ROUNDS = 20;
    private static final int SECONDS_MAX = 30;

    public static void main(String[] args) throws Exception {
        List<CuratorFramework> clients = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            CuratorFramework client =
                    CuratorFrameworkFactory.newClient(args[0], new RetryOneTime(1000));
            client.start();
            clients.add(client);
        }
        lock(clients);
        System.out.println("lock");
        latch(clients);
        System.out.println("leader latch");
        cache(clients);
        System.out.println("path cache");
        for (CuratorFramework client : clients) {
            client.close();
        }
    }

    /** Clients take turns: never two inside at once, and each gets its turns. */
    private static void lock(List<CuratorFramework> clients) throws Exception {
        AtomicInteger inside = new AtomicInteger();
        AtomicInteger turns = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(clients.size());
        List<Future<?>> all = new ArrayList<>();
        for (CuratorFramework client : clients) {
            all.add(
                    threads.submit(
                            () -> {
                                InterProcessMutex mutex = new InterProcessMutex(client, "/lock");
                                for (int round = 0; round < ROUNDS; round++) {
                                    check(mutex.acquire(SECONDS_MAX, TimeUnit.SECONDS), "a turn");
                                    check(inside.incrementAndGet() == 1, "nobody else inside");
                                    turns.incrementAndGet();
                                    inside.decrementAndGet();
                                    mutex.release();
                                }
                                return null;
                            }));
        }
        for (Future<?> one : all) {
            one.get();
        }
        threads.shutdown();
        check(turns.get() == CLIENTS * ROUNDS, "all turns");
    }

    /** One leads; when it goes, another does. */
    private static void latch(List<CuratorFramework> clients) throws Exception {
        List<LeaderLatch> latches = new ArrayList<>();
        for (CuratorFramework client : clients) {
            LeaderLatch latch = new LeaderLatch(client, "/latch", "id-" + latches.size());
            latch.start();
            latches.add(latch);
            awaitParticipants(latches);
            check(latches.get(0).await(SECONDS_MAX, TimeUnit.SECONDS), "the first leads");
        }
        latches.remove(0).close();
        check(latches.get(0).await(SECONDS_MAX, TimeUnit.SECONDS), "the next leads");
        check(!latches.get(1).hasLeadership(), "nobody else leads");
        for (LeaderLatch latch : latches) {
            latch.close();
        }
    }

    /** Starting goes on in the background: waits until all that have started stand in line. */
    private static void awaitParticipants(List<LeaderLatch> latches) throws Exception {
        long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(SECONDS_MAX);
        while (latches.get(0).getParticipants().size() < latches.size()) {
            check(System.nanoTime() < limit, "everybody in line");
            Thread.sleep(10);
        }
    }

    /** A cache hears of what another client does, the death of its ephemerals included. */
    private static void cache(List<CuratorFramework> clients) throws Exception {
        CountDownLatch added = new CountDownLatch(1);
        CountDownLatch updated = new CountDownLatch(1);
        CountDownLatch removed = new CountDownLatch(1);
        clients.get(0).create().creatingParentContainersIfNeeded().forPath("/cache/base");
        try (PathChildrenCache cache = new PathChildrenCache(clients.get(0), "/cache", true)) {
            cache.getListenable()
                    .addListener(
                            (client, event) -> {
                                if (event.getType() == PathChildrenCacheEvent.Type.CHILD_UPDATED) {
                                    updated.countDown();
                                } else if (isMember(event, "CHILD_ADDED")) {
                                    added.countDown();
                                } else if (isMember(event, "CHILD_REMOVED")) {
                                    removed.countDown();
                                }
                            });
            cache.start(PathChildrenCache.StartMode.BUILD_INITIAL_CACHE);
            check(cache.getCurrentData().size() == 1, "what is there at first");
            CuratorFramework other = clients.get(1);
            other.create()
                    .withMode(org.apache.zookeeper.CreateMode.EPHEMERAL)
                    .forPath("/cache/member", "one".getBytes());
            check(added.await(SECONDS_MAX, TimeUnit.SECONDS), "the news of a child");
            other.setData().forPath("/cache/member", "two".getBytes());
            check(updated.await(SECONDS_MAX, TimeUnit.SECONDS), "the news of its data");
            other.close();
            clients.remove(other);
            check(removed.await(SECONDS_MAX, TimeUnit.SECONDS), "the news of its end");
        }
    }

    private static boolean isMember(PathChildrenCacheEvent event, String type) {
        return event.getType().name().equals(type)
                && event.getData().getPath().equals("/cache/member");
    }

    private static void check(boolean holds, String what) {
        if (!holds) {
            throw new AssertionError("not seen: " + what);
        }
    }
}
