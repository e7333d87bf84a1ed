import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.curator.framework.CuratorFramework;
import org.apache.curator.framework.CuratorFrameworkFactory;
import org.apache.curator.framework.recipes.atomic.DistributedAtomicLong;
import org.apache.curator.framework.recipes.barriers.DistributedBarrier;
import org.apache.curator.framework.recipes.barriers.DistributedDoubleBarrier;
import org.apache.curator.framework.recipes.locks.InterProcessMutex;
import org.apache.curator.framework.recipes.queue.SimpleDistributedQueue;
import org.apache.curator.framework.recipes.shared.SharedCount;
import org.apache.curator.retry.RetryOneTime;

/** Curator's recipes: does what each line of the input says, and answers with a line. */
public final class Peer {
    private static final int MEMBERS = 3;

    private final CuratorFramework client;
    private final InterProcessMutex mutex;
    private final Map<String, DistributedDoubleBarrier> doubles = new HashMap<>();

    private Peer(CuratorFramework client) {
        this.client = client;
        mutex = new InterProcessMutex(client, "/lock");
    }

    public static void main(String[] args) throws Exception {
        CuratorFramework client =
                CuratorFrameworkFactory.newClient(args[0], new RetryOneTime(1000));
        client.start();
        client.blockUntilConnected(30, TimeUnit.SECONDS);
        System.out.println("connected");
        Peer peer = new Peer(client);
        BufferedReader input = new BufferedReader(new InputStreamReader(System.in));
        for (String line = input.readLine(); line != null; line = input.readLine()) {
            System.out.println(peer.answer(line.split(" ")));
        }
        client.close();
    }

    private String answer(String[] words) throws Exception {
        switch (words[0]) {
            case "barrier":
                return barrier(words[1]);
            case "lock":
                return lock(words[1]);
            case "double":
                return doubleBarrier(words[1], words[2]);
            case "count":
                return words[1].equals("shared") ? shared(words) : atomicLong(words);
            case "queue":
                return queue(words);
            default:
                throw new IllegalArgumentException(words[0]);
        }
    }

    private String barrier(String action) throws Exception {
        DistributedBarrier barrier = new DistributedBarrier(client, "/barrier");
        switch (action) {
            case "close":
                barrier.setBarrier();
                break;
            case "open":
                barrier.removeBarrier();
                break;
            default:
                barrier.waitOnBarrier();
        }
        return "ok";
    }

    private String lock(String action) throws Exception {
        if (action.equals("acquire")) {
            mutex.acquire();
        } else {
            mutex.release();
        }
        return "ok";
    }

    private String doubleBarrier(String action, String number) throws Exception {
        if (action.equals("enter")) {
            String path = "/double/" + number;
            DistributedDoubleBarrier barrier = new DistributedDoubleBarrier(client, path, MEMBERS);
            doubles.put(number, barrier);
            barrier.enter();
        } else {
            doubles.remove(number).leave();
        }
        return "ok";
    }

    private String shared(String[] words) throws Exception {
        try (SharedCount count = new SharedCount(client, "/count-" + words[1], 0)) {
            count.start();
            if (words[2].equals("get")) {
                return Integer.toString(count.getCount());
            }
            for (int left = Integer.parseInt(words[3]); left > 0; ) {
                var current = count.getVersionedValue();
                if (count.trySetCount(current, current.getValue() + 1)) {
                    left--;
                }
            }
        }
        return "ok";
    }

    private String atomicLong(String[] words) throws Exception {
        RetryOneTime retry = new RetryOneTime(1);
        var count = new DistributedAtomicLong(client, "/count-" + words[1], retry);
        if (words[2].equals("get")) {
            return Long.toString(count.get().postValue());
        }
        for (int left = Integer.parseInt(words[3]); left > 0; ) {
            if (count.increment().succeeded()) {
                left--;
            }
        }
        return "ok";
    }

    private String queue(String[] words) throws Exception {
        var queue = new SimpleDistributedQueue(client, "/queue-" + words[1]);
        List<String> taken = new ArrayList<>();
        if (words[2].equals("put")) {
            for (String data : Arrays.asList(words).subList(3, words.length)) {
                queue.offer(data.getBytes());
            }
            return "ok";
        }
        while (taken.size() < Integer.parseInt(words[3])) {
            taken.add(new String(queue.take()));
        }
        return String.join(" ", taken);
    }
}
