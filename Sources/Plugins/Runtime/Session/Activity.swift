/// What one thread's evaluation keeps in the ``Context``: set aside while another thread holds the evaluator lock.
struct Activity {
    var frames: [Frame] = []
    var builtinActivations: [BuiltinActivation] = []
    var handlers: [HandlerGroup] = []
    var restarts: [Restart] = []
    var pendingWarnings: [Value] = []
    var depth = 0
    var isVisible = true
    var currentCall: Call?
    var methodGeneric: Symbol?
    var stackLimit: UInt = 0
    var interruptFlag: UnsafeMutablePointer<Int32>?
    var endingDeferrals = 0
    var redirections = Console.Redirections()
    var background: BackgroundEvaluation?
    var isReplacingInPlace = false
}

extension Context {
    /// Runs work that touches no R value with the evaluator lock given back, so that other threads can evaluate R.
    ///
    /// The calls, handlers and restarts of this thread are set aside meanwhile and are as before afterwards. Without
    /// the lock the body just runs.
    public func released<Result>(_ body: () throws -> Result) rethrows -> Result {
        guard lock.isHeldHere else { return try body() }
        let mine = activity
        set(Activity())
        lock.release()
        defer {
            lock.acquire()
            set(mine)
        }
        return try body()
    }

    /// Lets a thread that waits for the evaluator lock evaluate; called between two pieces of work.
    ///
    /// The session itself keeps the lock for a tenth of a second before it gives way to a computation in the background,
    /// which gives way at once: a person waits for the one and not for the other.
    public func giveWay() {
        guard lock.isWanted, background != nil || lock.secondsHeld > 0.1 else { return }
        released {}
    }

    /// What the thread that holds the lock keeps here.
    var activity: Activity {
        Activity(
            frames: frames, builtinActivations: builtinActivations, handlers: handlers, restarts: restarts,
            pendingWarnings: pendingWarnings, depth: depth, isVisible: isVisible, currentCall: currentCall,
            methodGeneric: methodGeneric, stackLimit: stackLimit, interruptFlag: interruptFlag,
            endingDeferrals: endingDeferrals, redirections: console.redirections, background: background,
            isReplacingInPlace: isReplacingInPlace)
    }

    /// Puts a thread's own state in place.
    func set(_ activity: Activity) {
        frames = activity.frames
        builtinActivations = activity.builtinActivations
        handlers = activity.handlers
        restarts = activity.restarts
        pendingWarnings = activity.pendingWarnings
        depth = activity.depth
        isVisible = activity.isVisible
        currentCall = activity.currentCall
        methodGeneric = activity.methodGeneric
        stackLimit = activity.stackLimit
        interruptFlag = activity.interruptFlag
        endingDeferrals = activity.endingDeferrals
        console.redirections = activity.redirections
        background = activity.background
        isReplacingInPlace = activity.isReplacingInPlace
    }
}
