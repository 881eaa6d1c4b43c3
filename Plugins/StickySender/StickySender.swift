import QuirkKit
